"""Kernels taken out of answers: every way models write them, and every way they fail to."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernelgepa.llm.edits import Edit, EditError, apply
from kernelgepa.llm.extract import MOST_TEXT, extract, note
from kernelgepa.llm.fences import blocks
from kernelgepa.llm.words import fenced

PARENT = "int f() {\n    int a = 1;\n    int b = 1;\n    return a + b;\n}\n"
GOOD = "int f() { return 2; }\n"


def found(answer: str, parent: str = PARENT, target: str = "npu-sim", component: str = "kernel"):
    return extract(answer, parent, target, component)


def block(text: str, label: str = "cpp", mark: str = "```") -> str:
    return f"{mark}{label}\n{text}{mark}\n"


def edit(search: str, replace: str) -> str:
    return f"<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n"


WHOLE = {
    "plain": block(GOOD),
    "prose around": f"Change: sum.\n\n{block(GOOD)}\nThat is all.\n",
    "tildes": block(GOOD, mark="~~~"),
    "four backticks": block(GOOD, mark="````"),
    "info string": block(GOOD, 'cpp title="kernel.cc" linenos'),
    "braces": block(GOOD, "{.cpp .numberLines}"),
    "colon": block(GOOD, "cpp:kernel.cc"),
    "upper case": block(GOOD, "CPP"),
    "space before the label": block(GOOD, " c++"),
    "spaces after the fences": f"```cpp   \n{GOOD}```   \n",
    "label c": block(GOOD, "c"),
    "label cc": block(GOOD, "cc"),
    "no label": block(GOOD, ""),
    "no newline at the end": f"```cpp\n{GOOD}```",
    "carriage returns": block(GOOD).replace("\n", "\r\n"),
    "lone carriage returns": block(GOOD).replace("\n", "\r"),
    "byte order mark": "\ufeff" + block(GOOD),
    "two blocks": f"Before:\n{block(PARENT)}After:\n{block(GOOD)}",
    "other language after": f"{block(GOOD)}Compile:\n{block('make', 'bash')}",
    "other language before": f"{block('import x', 'python')}{block(GOOD)}",
    "unlabelled after": f"{block(GOOD)}Output:\n{block('42', '')}",
    "in a list": "1. Do it:\n\n   ```cpp\n   int f() { return 2; }\n   ```\n",
    "in a quotation": "> ```cpp\n> int f() { return 2; }\n> ```\n",
    "inside markdown": f"````markdown\nChange: x\n\n{block(GOOD)}````\n",
    "inside markdown of three": f"```markdown\nChange: x\n\n{block(GOOD)}```\n",
    "fences in prose": f"Use ```cpp fences``` and `code`.\n{block(GOOD)}",
    "thought aloud": f"<think>\n{block('int bad;')}so\n</think>\n{block(GOOD)}",
    "thought without a beginning": f"{block('int bad;')}so\n</think>\n\n{block(GOOD)}",
    "thought with an open fence": f"<think>\n```cpp\nint bad;\n</think>\n{block(GOOD)}",
    "other unclosed before": f"```cpp\nint bad;\n{block(GOOD)}",
    "unclosed prose block after": f"{block(GOOD)}```text\nmore",
    "edits, then whole": f"{block(edit('int a = 1;', 'x'))}{block(GOOD)}",
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_kernel_is_found(name: str) -> None:
    assert found(WHOLE[name]).text == GOOD


FAILED = {
    "nothing": ("", "empty"),
    "spaces": (" \n\t\n", "empty"),
    "prose": ("I would vectorise the loop.", "prose"),
    "code without a fence": (GOOD, "prose"),
    "other language": (block("print(1)", "python"), "prose"),
    "inline code": ("Use `int f() { return 2; }`.", "prose"),
    "cut off": ("```cpp\nint f() {", "truncated"),
    "cut off after an earlier block": (f"{block(PARENT)}Better:\n```cpp\nint f(", "truncated"),
    "cut off unlabelled": ("```\nint f() {", "truncated"),
    "closed by too few": (f"````cpp\n{GOOD}```\n", "truncated"),
    "closed by another mark": (f"```cpp\n{GOOD}~~~\n", "truncated"),
    "cut off in thought": (f"<think>\nlet me see\n{block(GOOD)}", "truncated"),
    "only thought": (f"<think>\n{block(GOOD)}</think>", "empty"),
    "empty block": (block(""), "empty"),
    "block of spaces": (block("  \n\n"), "empty"),
    "the parent's": (block(PARENT), "unchanged"),
    "the parent's with spaces": (block(PARENT.replace(";\n", ";  \n") + "\n"), "unchanged"),
    "too long": (block("x" * (MOST_TEXT + 1) + "\n"), "too long"),
    "edit not in the source": (block(edit("int c = 1;\n", "x\n")), "edits"),
    "edit of nothing": (
        block(edit("", "x\n")),
        "edits",
    ),
    "edit without a middle": (block("<<<<<<< SEARCH\nint a;\n>>>>>>> REPLACE\n"), "edits"),
    "edit without an end": (block("<<<<<<< SEARCH\n    int a = 1;\n=======\nx\n"), "edits"),
    "edit in an edit": (block("<<<<<<< SEARCH\na\n<<<<<<< SEARCH\n"), "edits"),
    "edit of empty lines": (block(edit("\n\n", "x\n")), "edits"),
    "edit back to the parent": (
        block(edit("    int a = 1;\n", "    int a = 1;\n")),
        "unchanged",
    ),
}


@pytest.mark.parametrize("name", FAILED)
def test_what_is_no_kernel_has_a_class_and_a_reason(name: str) -> None:
    answer, failure = FAILED[name]
    made = found(answer)
    assert made.text is None
    assert made.failure == failure
    assert made.note


def test_blocks_that_are_not_taken_are_named() -> None:
    """A model's user sees which label it chose instead, not that there was no code."""
    answer = block("print(1)", "python") + block("@@ -1 +1 @@\n-a\n+b\n", "diff")
    assert found(answer).note.endswith("(cpp), blocks labelled diff, python without edits")
    assert found("only words").note.endswith("(cpp), only prose")


def test_edits_are_applied_in_order_and_over_several_blocks() -> None:
    first = edit("    int a = 1;\n", "    int a = 2;\n")
    second = edit("    int a = 2;\n", "    int a = 3;\n")
    want = PARENT.replace("int a = 1", "int a = 3")
    assert found(block(first + "and\n" + second)).text == want
    assert found(f"{block(first)}then\n{block(second)}").text == want
    assert found(block(first, "diff") + block(second, "")).text == want


def test_an_edit_must_match_once() -> None:
    twice = "x = 1;\ny = 1;\nx = 1;\n"
    made = found(block(edit("x = 1;\n", "x = 2;\n")), parent=twice)
    assert (made.text, made.failure) == (None, "edits")
    assert "2 times" in made.note
    assert found(block(edit("y = 1;\n", "y = 2;\n")), parent=twice).text == twice.replace(
        "y = 1", "y = 2"
    )


def test_an_edit_of_a_source_with_carriage_returns() -> None:
    made = found(
        block(edit("    int a = 1;\n", "    int a = 7;\n")), parent=PARENT.replace("\n", "\r\n")
    )
    assert made.text == PARENT.replace("a = 1", "a = 7")


def test_an_edit_may_delete() -> None:
    assert found(block(edit("    int b = 1;\n", ""))).text == PARENT.replace("    int b = 1;\n", "")


@pytest.mark.parametrize(
    ("target", "label"),
    [("triton", "python"), ("torch", "py"), ("cuda", "cu"), ("cuda", "cuda"), ("cuda", "cpp")],
)
def test_other_targets_have_other_languages(target: str, label: str) -> None:
    assert found(block(GOOD, label), target=target).text == GOOD
    assert found(block(GOOD, "bash"), target=target).failure == "prose"
    assert found(block(GOOD, "cpp"), target="triton").failure == "prose"


def test_other_components_may_be_of_any_language_and_hold_fences() -> None:
    text = "Plan first.\n\n```json\n{}\n```\n\nThen write.\n"
    answer = f"Change: shorter.\n\n````\n{text}````\n"
    assert found(answer, "Think.\n", component="planner").text == text


def test_half_characters_do_not_reach_a_kernel() -> None:
    made = found(block("int f() { return 2; } // \ud800\n"))
    assert made.text is not None
    made.text.encode()


@pytest.mark.parametrize(
    ("answer", "want"),
    [
        (f"Change: use vectors.\n\n{block(GOOD)}", "use vectors."),
        (f"**Change:** use\tvectors\n{block(GOOD)}", "use vectors"),
        (f"{block(GOOD)}\nChange: after.", "after."),
        (f"I use vectors.\n{block(GOOD)}", "I use vectors."),
        (block(GOOD), ""),
        ("Change: \x1b[31mred\x07", "[31mred"),
        ("Change: " + "x" * 500, "x" * 199 + "…"),
    ],
)
def test_the_note_is_one_clean_line(answer: str, want: str) -> None:
    assert note(answer) == want


LINE = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\ufeff"),
    max_size=12,
)
CODE = st.lists(LINE, min_size=1, max_size=8).map("\n".join).filter(lambda t: t.strip())
PROSE = st.lists(
    LINE.filter(lambda t: not any(m in t for m in ("`", "~", "<", ":"))), max_size=4
).map("\n".join)


@settings(deadline=None)
@given(CODE, PROSE, PROSE)
def test_what_is_fenced_is_found_again_whatever_it_holds(
    code: str, before: str, after: str
) -> None:
    answer = f"{before}\n{fenced(code, 'cpp')}\n{after}\n"
    (only,) = blocks(answer)
    assert only.closed
    assert only.text.strip("\n") == code.rstrip("\n").strip("\n")


@settings(deadline=None)
@given(st.text(max_size=400))
def test_any_text_gives_a_kernel_or_a_reason(answer: str) -> None:
    made = found(answer)
    assert (made.text is None) == bool(made.failure)


PIECES = st.sampled_from(
    [
        "```", "```cpp", "````", "~~~", "~~~cpp", "```python", "```markdown", "<think>", "</think>",
        "<<<<<<< SEARCH", "=======", ">>>>>>> REPLACE", "    int a = 1;", "int x;", "", "Change: y",
        "> ```cpp", "   ```",
    ]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(PIECES, max_size=30).map("\n".join))
def test_any_order_of_marks_gives_a_kernel_or_a_reason(answer: str) -> None:
    made = found(answer)
    assert (made.text is None) == bool(made.failure)
    if made.text is not None:
        assert made.text.strip() and made.text != PARENT


@settings(deadline=None)
@given(st.integers(0, 400))
def test_an_answer_cut_anywhere_gives_no_part_of_a_kernel(at: int) -> None:
    body = "\n".join(f"    step({i});" for i in range(20))
    whole = f"Change: steps.\n\n```cpp\nvoid f() {{\n{body}\n}}\n```\n"
    made = found(whole[:at])
    assert made.text in (None, f"void f() {{\n{body}\n}}\n")
    if at < len(whole) - 2:
        assert made.failure in ("truncated", "prose", "empty")


LINES = st.lists(st.sampled_from(["a", "b", "  c", "", "d  "]), min_size=1, max_size=10)


@settings(deadline=None)
@given(LINES, st.integers(0, 9), st.integers(1, 4), LINES)
def test_an_edit_agrees_with_replacing_the_only_place(
    lines: list[str], at: int, count: int, new: list[str]
) -> None:
    search = lines[at : at + count]
    while search and not search[0].strip():
        search = search[1:]
    while search and not search[-1].strip():
        search = search[:-1]
    bare = [x.rstrip() for x in lines]
    wanted = [x.rstrip() for x in search]
    places = [i for i in range(len(bare)) if wanted and bare[i : i + len(wanted)] == wanted]
    made = Edit(tuple(search), tuple(new))
    if len(places) == 1:
        want = lines[: places[0]] + new + lines[places[0] + len(wanted) :]
        assert apply("\n".join(lines), [made]) == "\n".join(want)
    else:
        with pytest.raises(EditError):
            apply("\n".join(lines), [made])
