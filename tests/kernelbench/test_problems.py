"""Problems are found in checkouts and rows, and what cannot be used is named in one sentence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from kernelgepa.errors import InputError
from kernelgepa.kernelbench.problems import Problem, digest, find
from tests.kernelbench.places import CHECKOUT, PLAIN, everything


def labels(spec: str) -> list[str]:
    return [p.label for p in find(spec).problems]


def row(level: int, number: int, code: str = PLAIN, name: str = "") -> str:
    name = name or f"{number}_made"
    return json.dumps({"code": code, "level": level, "name": name, "problem_id": number})


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join([row(2, 3), row(1, 12), "", row(1, 2), row(1, 1)]) + "\n")
    return file


@pytest.mark.parametrize("place", ["", "KernelBench"])
def test_a_checkout_or_its_inner_folder_has_all_levels_in_order(place: str):
    found = labels(f"kernelbench:{CHECKOUT / place}")
    assert found == [f"L1/{n}" for n in range(1, 13)] + [f"L2/{n}" for n in range(1, 7)]


def test_a_level_folder_and_a_file_name_their_problems():
    level = CHECKOUT / "KernelBench" / "level2"
    assert labels(f"{level}") == [f"L2/{n}" for n in range(1, 7)]
    assert labels(f"kernelbench:{level}#L2/4") == ["L2/4"]
    assert labels(f"{level / '4_head_mixing.py'}") == ["L2/4"]


def test_a_level_a_problem_and_several_are_picked():
    assert labels(f"kernelbench:{CHECKOUT}#L2") == [f"L2/{n}" for n in range(1, 7)]
    assert labels(f"kernelbench:{CHECKOUT}#L1/12") == ["L1/12"]
    assert labels(f"kernelbench:{CHECKOUT}#L1/9-11,2") == ["L1/2", "L1/9", "L1/10", "L1/11"]


def test_a_problem_is_its_text_and_knows_its_file():
    (found,) = find(f"kernelbench:{CHECKOUT}#L1/2").problems
    path = CHECKOUT / "KernelBench" / "level1" / "2_row_softmax.py"
    assert found == Problem(
        1, 2, "2_row_softmax", path.read_text(), digest(path.read_text()), str(path)
    )
    assert found.file == "2_row_softmax.py"
    assert digest(found.code) != digest(found.code + "\n")


def test_rows_are_the_same_problems_as_files(tmp_path: Path):
    data = tmp_path / "data"
    data.mkdir()
    for level in (1, 2):
        lines = [row(p.level, p.id, p.code, p.name) for p in everything() if p.level == level]
        (data / f"level_{level}.jsonl").write_text("\n".join(lines))
    plain = [(p.level, p.id, p.name, p.file, p.digest) for p in everything()]
    for place in (tmp_path, data):
        assert [
            (p.level, p.id, p.name, p.file, p.digest) for p in find(str(place)).problems
        ] == plain


def test_rows_are_sorted_and_picked(rows: Path):
    assert labels(f"kernelbench:{rows}") == ["L1/1", "L1/2", "L1/12", "L2/3"]
    assert labels(f"kernelbench:{rows}#L1/12") == ["L1/12"]


def test_a_name_without_its_number_still_has_a_file_of_theirs(tmp_path: Path):
    file = tmp_path / "rows.jsonl"
    file.write_text(row(1, 7, name="plain.py"))
    (found,) = find(str(file)).problems
    assert (found.name, found.file) == ("plain", "7_plain.py")


def test_what_cannot_be_read_of_a_level_is_listed_and_the_rest_found(tmp_path: Path, rows: Path):
    level = tmp_path / "level1"
    level.mkdir()
    (level / "1_good.py").write_text(PLAIN)
    (level / "2_bad.py").write_bytes(b"x = '\xff'")
    (level / "notes.py").write_text("no problem")
    found = find(str(level))
    assert [p.label for p in found.problems] == ["L1/1"]
    assert list(found.unusable.values()) == [
        f"{level / '2_bad.py'} is not UTF-8 text: bad byte at 5"
    ]
    rows.write_text(rows.read_text() + '{"code": 1}\nnonsense\n')
    assert [reason.split(": ", 1)[1] for reason in find(str(rows)).unusable.values()] == [
        "expected a row of the KernelBench data set, column 'level' is missing",
        "expected a JSON object, found text that is not JSON",
    ]


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("kernelbench:", "names no path: expected kernelbench:PATH"),
        ("kernelbench:nowhere", "nowhere does not exist; expected a KernelBench checkout or rows"),
        ("{checkout}#L1/40", "has no problem L1/40 among 12 of level 1; near: L1/12"),
        ("{checkout}#L1/40", "L1/4 (4_running_total)"),
        ("{checkout}#L3", "has no problem of level 3; it has those of level 1, 2"),
        ("{checkout}#L7/1", "has no problem of level 7; it has those of level 1, 2"),
        ("{checkout}#19", "expected kernelbench:PATH, kernelbench:PATH#L1 or"),
        ("{checkout}#L1/", "expected numbers such as 1,4-7, found ''"),
        ("{checkout}#L1/x", "expected numbers such as 1,4-7, found 'x'"),
        (
            "{checkout}/README.md",
            "is neither rows of the data set (.jsonl, .parquet) nor a problem",
        ),
        ("{empty}", "holds no problem: expected KernelBench/level1/19_name.py"),
    ],
)
def test_what_cannot_be_found_is_said(spec: str, says: str, tmp_path: Path):
    with pytest.raises(InputError) as error:
        find(spec.format(checkout=CHECKOUT, empty=tmp_path))
    assert says in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("[1, 2]", "line 1: expected an object with code, level, name and problem_id"),
        ('{"code": "x", "level": "1", "name": "a", "problem_id": 1}', "level: expected a whole"),
        ('{"code": "x", "level": 1, "name": "a", "problem_id": true}', "problem_id: expected a"),
        ('{"code": " ", "level": 1, "name": "a", "problem_id": 1}', "code: expected a text"),
        (
            '{"code": "x", "level": 1, "name": "../a", "problem_id": 1}',
            "expected the name of a file",
        ),
        ('{"code": "\\ud800", "level": 1, "name": "a", "problem_id": 1}', "half a character"),
        ("[" * 100_000, "found text that is not JSON"),
    ],
)
def test_a_row_that_cannot_be_used_is_said(tmp_path: Path, line: str, says: str):
    file = tmp_path / "rows.jsonl"
    file.write_text(line)
    with pytest.raises(InputError) as error:
        find(str(file))
    assert says in str(error.value)


def test_two_problems_of_one_number_are_refused(tmp_path: Path, rows: Path):
    level = tmp_path / "KernelBench" / "level1"
    shutil.copytree(CHECKOUT / "KernelBench" / "level1", level)
    shutil.copy(level / "3_channel_groups.py", level / "3_other.py")
    with pytest.raises(
        InputError, match=r"L1/3 is there twice: .*3_channel_groups.py and .*3_other"
    ):
        find(str(tmp_path / "KernelBench"))
    rows.write_text(rows.read_text() + row(2, 3, "x = 1"))
    with pytest.raises(InputError, match=r"L2/3 is there twice: .* line 1 and .* line 6"):
        find(str(rows))
    assert labels(f"{rows}#L1/2") == ["L1/2"]


def test_a_problem_asked_for_that_cannot_be_read_says_why(tmp_path: Path):
    level = tmp_path / "level1"
    level.mkdir()
    (level / "1_good.py").write_text(PLAIN)
    (level / "2_bad.py").write_bytes(b"\xff")
    with pytest.raises(InputError, match=r"2_bad.py is not UTF-8 text: bad byte at 0"):
        find(f"{level}#L1/2")
    assert labels(f"{level}#L1/1") == ["L1/1"]


def test_a_path_may_hold_a_hash(tmp_path: Path):
    level = tmp_path / "a#b" / "level1"
    level.mkdir(parents=True)
    (level / "1_good.py").write_text(PLAIN)
    assert labels(str(tmp_path / "a#b")) == ["L1/1"]
    assert labels(f"{tmp_path / 'a#b'}#L1/1") == ["L1/1"]


def test_parquet_without_pyarrow_is_one_sentence(tmp_path: Path):
    file = tmp_path / "level_1.parquet"
    file.write_bytes(b"PAR1")
    with pytest.raises(InputError) as error:
        find(f"kernelbench:{file}")
    said = str(error.value)
    assert "needs pyarrow, which is not installed" in said or "cannot be read as parquet" in said
