"""The prompt: what it holds, that nothing in it escapes, that it is bounded and repeatable."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernelgepa.candidate import Candidate
from kernelgepa.content import content
from kernelgepa.errors import InputError
from kernelgepa.feedback import KernelFeedback
from kernelgepa.llm import prompt
from kernelgepa.llm.extract import MOST_TEXT
from kernelgepa.llm.fences import blocks
from kernelgepa.llm.proposer import Llm
from kernelgepa.llm.samples import samples
from kernelgepa.llm.templates import Templates
from kernelgepa.protocols import Attempt, Example, Lesson, Request
from kernelgepa.runs.settings import Model
from kernelgepa.verdict import Diagnostic, Stage, Verdict, WorkloadVerdict
from tests.llm.conftest import Make

OWN = Templates()


def texts(request: Request, templates: Templates = OWN) -> tuple[str, str]:
    system, user = prompt.messages(request, templates)
    return system["content"], user["content"]


def attempt(source: str, note: str = "", accepted: bool = True, stage: Stage = Stage.COMPILE):
    verdict = Verdict("", "t", (WorkloadVerdict("w", stage),))
    return Attempt(Candidate.kernel(source, ("p",), "llm/mutation", note), verdict, accepted)


def test_a_prompt_holds_what_is_known(ask: Make) -> None:
    request = ask(
        feedback="The loop is not pipelined.",
        lessons=(Lesson("compile: no", "no member named 'vadd'", ("use vadd",), "use add"),),
        example=Example("other", "declare restrict", "int before;", "int after;", 2.5),
    )
    request = replace(
        request, history=(*request.history, attempt("int y;", "unrolled by 99", accepted=False))
    )
    system, user = texts(request)
    for wanted in (
        "axpy_bf16", request.parent.candidate.source.rstrip(), "The loop is not pipelined.",
        "`alpha`: bfloat16 by value", "`out`: pointer to bfloat16, written", "out 1024",
        "no member named 'vadd'", "use vadd", "use add", "unrolled by 99", "not kept",
        "did not compile",
        "declare restrict", "int before;", "int after;", "2.50x",
    ):  # fmt: skip
        assert wanted in user
    assert "labelled `cpp`" in system and "SEARCH" in system and "positive_inf" in system


def test_hidden_workloads_are_not_shown(ask: Make) -> None:
    request = ask()
    hidden = [w.name for w in request.task.workloads if "hidden" in w.uses]
    shown = [w.name for w in request.task.workloads if "hidden" not in w.uses]
    assert shown
    hide = replace(
        request.task,
        workloads=(
            *request.task.workloads,
            replace(request.task.workloads[0], name="unseen", uses=frozenset({"hidden"})),
        ),
    )
    user = texts(replace(request, task=hide))[1]
    assert all(f"- {n}:" in user for n in shown)
    assert not any(f"- {n}:" in user for n in [*hidden, "unseen"])


def test_a_crossover_shows_both_parents_and_where_each_leads(ask: Make) -> None:
    request = ask()
    other = Attempt(Candidate.kernel("int second;\n"), request.parent.verdict, True)
    first = request.parent.candidate.id
    request = replace(
        request,
        partner=other,
        partner_feedback="It spills.",
        leads={first: ("shrinking",), other.candidate.id: ("negative",)},
    )
    user = texts(request)[1]
    for wanted in ("int second;", "It spills.", "leads on shrinking", "leads on negative"):
        assert wanted in user
    assert user.index("leads on shrinking") < user.index("int second;")


def test_another_component_is_shown_and_stays(ask: Make) -> None:
    request = ask()
    parts = Candidate({"kernel": "int k;\n", "plan": "Think of ``` fences.\n"})
    both = Attempt(parts, request.parent.verdict, True)
    system, user = texts(replace(request, parent=both, history=(both,), component="plan"))
    assert "component `plan`" in user and "int k;" in user
    assert "````" in system and "labelled" not in system


def test_the_line_that_changes_when_the_same_is_asked_again(ask: Make) -> None:
    never, once, twice = (texts(ask(asked_before=n))[1] for n in (0, 1, 2))
    assert len({never, once, twice}) == 3
    assert "asked 1 time before" in once and "asked 2 times before" in twice


def test_troubles_of_a_server_are_no_lessons(ask: Make) -> None:
    lessons = (
        Lesson("proposal: rate limited", "slow down", ()),
        Lesson("proposal: truncated", "the answer was cut off", ()),
    )
    user = texts(ask(lessons=lessons))[1]
    assert "slow down" not in user and "the answer was cut off" in user


MARKS = ["`", "``", "~~~", "\n", "#", "{{", "}}", "{%", "a", " ", "<think>", "\n```cpp\n", "\u202e"]
NASTY = st.lists(st.sampled_from(MARKS), min_size=1, max_size=40).map("".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(NASTY)
def test_a_source_is_data_and_stands_whole_in_one_fence(ask: Make, text: str) -> None:
    request = ask(source=f"start\n{text}\nend")
    user = texts(replace(request, feedback=text))[1]
    whole = [b for b in blocks(user) if b.text == request.parent.candidate.source]
    assert len(whole) == 1 and whole[0].language == "cpp"
    # What comes after the source is prose again: no fence of it is left open.
    assert all(b.closed for b in blocks(user))
    assert "# Your turn" in re.sub(r"(?ms)^(`{3,}).*?^\1$", "", user)


def test_a_prompt_is_bounded_whatever_a_run_has_been_through(ask: Make) -> None:
    long = "é" * 300_000
    request = ask(
        feedback=long,
        partner_feedback=long,
        lessons=tuple(Lesson(f"s{n}", long, (long,) * 4, long) for n in range(8)),
        example=Example(long, long, long, long, 2.0),
    )
    many = tuple(attempt(f"int x{n};", long) for n in range(3000))
    task = replace(request.task, description=long)
    partner = attempt("int second;")
    for other in (None, partner):
        made = replace(request, history=(*request.history, *many), task=task, partner=other)
        assert sum(map(len, texts(made))) < 100_000


def test_a_source_longer_than_a_prompt_is_said_so(ask: Make) -> None:
    with pytest.raises(InputError, match="a prompt holds"):
        texts(ask(source="x" * (MOST_TEXT + 1)))


def test_a_prompt_is_a_function_of_the_request(ask: Make) -> None:
    for request in samples():
        assert texts(request) == texts(replace(request), Templates())
    assert texts(ask(number=1)) == texts(ask(number=9))


MODEL = Model("openai/x", price_in=1, price_out=1)


def test_a_users_template_wins(tmp_path: Path, ask: Make) -> None:
    (tmp_path / "mutate.md.j2").write_text("Mine: {{ parent.source }}{% include 'extra.j2' %}")
    (tmp_path / "extra.j2").write_text(" {{ task.name }}")
    (tmp_path / "README.md").write_text("not a template")
    Llm(MODEL, templates=str(tmp_path))
    system, user = texts(ask(), Templates(str(tmp_path)))
    assert user.startswith("Mine: ```cpp") and user.rstrip().endswith("axpy_bf16")
    assert system == texts(ask())[0]


def test_a_users_template_of_the_feedback_wins(tmp_path: Path, ask: Make) -> None:
    (tmp_path / "kernel.md.j2").write_text("{{ task.name }} {{ verdict.correct }}")
    request = ask()
    made = KernelFeedback(str(tmp_path)).text(request.task, request.parent, request.history)
    assert made == "axpy_bf16 True"


def test_a_users_template_of_a_target(tmp_path: Path) -> None:
    (tmp_path / "target-toy.md.j2").write_text("The toy has {{ stack }} bytes.")
    request = next(r for r in samples(str(tmp_path)) if r.task.target == "toy")
    assert "The toy has 1024 bytes." in texts(request, Templates(str(tmp_path)))[0]


BAD = {
    "undefined": ("mutate.md.j2", "one\n{{ parnt.source }}", "mutate.md.j2, line 2: 'parnt'"),
    "undefined in a branch": (
        "crossover.md.j2", "a\nb\n{% if partner %}{{ x }}{% endif %}",
        "crossover.md.j2, line 3: 'x'",
    ),
    "undefined when asked again": (
        "again.md.j2", "{% if asked_before %}\n{{ often }}{% endif %}",
        "again.md.j2, line 2: 'often'",
    ),
    "no attribute": ("task.md.j2", "\n\n{{ task.nam }}", "task.md.j2, line 3"),
    "syntax": ("system.md.j2", "\n{% if x %}", "system.md.j2, line 2"),
    "unknown tag": ("system.md.j2", "{% nonsense %}", "system.md.j2, line 1"),
    "missing include": ("mutate.md.j2", "{% include 'nowhere' %}", "nowhere"),
    "arithmetic": ("mutate.md.j2", "{{ 1 // 0 }}", "mutate.md.j2, line 1"),
    "includes itself": ("mutate.md.j2", "{% include 'mutate.md.j2' %}", "mutate.md.j2"),
    "feedback": ("kernel.md.j2", "\n{{ nothing }}", "kernel.md.j2, line 2"),
    "stands in for nothing": ("mutation.md.j2", "x", "mutation.md.j2 stands in for no template"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_template_that_cannot_be_used_is_found_before_a_run(name: str, tmp_path: Path) -> None:
    file, text, want = BAD[name]
    (tmp_path / file).write_text(text)
    with pytest.raises(InputError) as caught:
        Llm(MODEL, templates=str(tmp_path))
    assert want in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_template_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "mutate.md.j2").write_bytes(b"abc\xff")
    with pytest.raises(InputError, match=r"mutate.md.j2: not UTF-8 text"):
        Llm(MODEL, templates=str(tmp_path))


def test_a_folder_without_templates(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no template .* the names are again.md.j2, "):
        Llm(MODEL, templates=str(tmp_path))


def test_every_template_is_described() -> None:
    readme = (content("feedback") / "README.md").read_text()
    for path in content("feedback").glob("*.j2"):
        assert f"`{path.name}`" in readme


def test_every_variable_is_described(ask: Make) -> None:
    readme = (content("feedback") / "README.md").read_text()
    for name in prompt.context(ask()):
        assert f"`{name}`" in readme


def test_the_feedback_of_a_wrong_kernel_is_in_the_prompt(ask: Make) -> None:
    request = ask()
    wrong = Verdict(
        "c", request.task.name, (WorkloadVerdict("shrinking", Stage.COMPILE),),
        (Diagnostic("no member named 'vadd' in namespace 'aie'", line=7),),
    )  # fmt: skip
    parent = Attempt(request.parent.candidate, wrong, True)
    text = KernelFeedback().text(request.task, parent, request.history)
    user = texts(replace(request, parent=parent, feedback=text))[1]
    assert "no member named 'vadd' in namespace 'aie'" in user and "correct first" in user
