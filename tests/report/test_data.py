"""What the page is made of says what the run did."""

from __future__ import annotations

import dataclasses
import os
import re
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path

import pytest

from kernelgepa.candidate import KERNEL
from kernelgepa.cli import main
from kernelgepa.engine.score import gain
from kernelgepa.errors import InputError
from kernelgepa.report import REPORT, write
from kernelgepa.report.page import page
from kernelgepa.report.plain import unpacked
from kernelgepa.report.summary import course, summary
from kernelgepa.report.task import scale, task_data
from kernelgepa.runs.view import RunView, view
from kernelgepa.task import Task
from kernelgepa.verdict import OF_REFERENCE, Quantity, Stage, WorkloadVerdict
from tests.report.made import SOURCE, Editor, Eye, make

TAGS = {"measured", "counted", "static", "modelled", "unverified"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunView:
    return make(tmp_path_factory.mktemp("run"), candidates=40)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> RunView:
    return make(tmp_path_factory.mktemp("two"), ("first", "second"), 30, Editor(price=0.01))


def data(run: RunView, place: int = 0):
    task = list(run.tasks.values())[place]
    return task_data(run, task, scale(task))


def test_every_step_is_there_once_and_every_candidate_has_all_that_is_known(run: RunView):
    made = data(run)
    (task,) = run.tasks.values()
    assert [s["step"] for s in made["steps"]] == [0, *(f.step for f in run.steps)]
    assert set(made["candidates"]) == set(task.entries)
    outcomes = {s["outcome"] for s in made["steps"]}
    assert {"seed", "accepted", "no gain", "compare", "compile", "none"} <= outcomes
    for name, shown in made["candidates"].items():
        entry = task.entries[name]
        text = made["texts"][shown["components"][KERNEL]]
        assert text == entry.attempt.candidate.components[KERNEL]
        assert [w["workload"] for w in shown["verdict"]["workloads"]] == [
            w.workload for w in entry.attempt.verdict.workloads
        ]
        if shown["step"]:
            manual, handbook = shown["citations"]
            assert manual == {"name": "AM020, section 4.3: vector registers"}
            assert handbook["name"] == "handbook:pipelining"
            assert "pipelin" in handbook["title"]
            assert len(handbook["text"]) > 100
            assert shown["diff"][KERNEL]


def test_speedups_are_those_of_the_engine_and_the_best_so_far_never_falls(run: RunView):
    made = data(run)
    (task,) = run.tasks.values()
    base = task.seed.attempt.verdict
    for name, shown in made["candidates"].items():
        verdict = task.entries[name].attempt.verdict
        wanted = gain(base, verdict) if verdict.correct else None
        assert shown["speed"] == (pytest.approx(wanted) if wanted else None)
    course_ = [s["best"] for s in made["steps"]]
    assert course_ == sorted(course_)
    assert course_[0] == pytest.approx(1.0)
    assert course_[-1] == pytest.approx(task.best.gain)
    better = [s for s in made["steps"] if s.get("better")]
    assert [s["best"] for s in better] == sorted({s["best"] for s in made["steps"]} - {course_[0]})


def test_the_feedback_shown_is_the_one_that_was_given(tmp_path: Path):
    editor = Editor()
    found = make(tmp_path, candidates=20, editor=editor)
    given = {r.number: r.feedback for r in editor.asked}
    made = data(found)
    told = {
        c["step"]: made["texts"][c["told"][0]] for c in made["candidates"].values() if c["told"]
    }
    assert len(told) > 10
    assert all(given[step] == text for step, text in told.items())


def test_a_long_feedback_is_kept_in_part(tmp_path: Path):
    from kernelgepa.engine.decision import Decision  # noqa: PLC0415
    from kernelgepa.engine.journal import Journal, read  # noqa: PLC0415
    from kernelgepa.engine.record import TOLD, Record  # noqa: PLC0415

    with Journal(tmp_path) as journal:
        for number in (1, 2):
            decision = Decision(number, "t", "mutate", (), "kernel", (), 0)
            Record(journal, {}).decided(decision, ["x" * (TOLD + 1000)])
    events = list(read(tmp_path))
    assert [e["event"] for e in events] == ["feedback", "decided", "decided"]
    assert events[0]["text"].endswith("x\n[1,000 more characters]")
    assert events[1]["feedback"] == events[2]["feedback"] == [events[0]["name"]]


def test_all_numbers_of_the_summary_have_a_tag_and_add_up(two: RunView):
    scales = {t.name: scale(t) for t in two.tasks.values()}
    found = summary(two, scales)
    tagged = [q for q in found.headline if isinstance(q, Quantity)]
    tagged += [q for _, q in (*found.tiles, *found.cost)]
    assert tagged
    assert {q.tag for q in tagged} <= TAGS
    assert dict(found.cost)["dollars"].value == pytest.approx(two.spend.usd)
    lost = sum(q.value for *_, q in found.failures)
    assert lost + sum(f.outcome == "accepted" for f in two.steps) == len(two.steps)
    assert lost == two.failures.total()
    course_ = course(two, scales)
    product = 1.0
    for task in two.tasks.values():
        product *= task.best.gain
    assert course_[-1]["best"] == pytest.approx(product**0.5)
    assert found.settings["server"] == "models.example"


def test_estimated_tokens_are_not_called_counted(two: RunView):
    first = two.steps[0]
    assert first.proposal
    usage = dataclasses.replace(first.proposal.usage, estimated=True)
    proposal = dataclasses.replace(first.proposal, usage=usage)
    doubted = dataclasses.replace(
        two, steps=[dataclasses.replace(first, proposal=proposal), *two.steps[1:]]
    )
    cost = dict(summary(doubted, {t.name: scale(t) for t in two.tasks.values()}).cost)
    assert {cost[n].tag for n in ("dollars", "tokens sent", "tokens received")} == {"unverified"}


def test_a_seed_that_is_not_correct_is_no_base(tmp_path: Path):
    found = make(tmp_path, candidates=30, eye=Eye(seed=Stage.COMPARE))
    (task,) = found.tasks.values()
    made = data(found)
    assert made["first"]
    assert made["steps"][0]["best"] is None
    firsts = [s for s in made["steps"] if s["best"] is not None]
    assert firsts[0]["best"] == pytest.approx(1.0)
    assert firsts[-1]["best"] > 1
    assert task.best.attempt.verdict.correct
    text = page(found)
    assert "than the first correct kernel" in text


def test_a_run_without_a_correct_kernel_says_so(tmp_path: Path):
    eye = Eye(seed=Stage.COMPILE, complaint="no")
    assert "No correct kernel so far." in page(make(tmp_path, candidates=1, eye=eye, source="x"))


class Sharing(Eye):
    """Finds shares of a reference's time, or nothing at all."""

    def __init__(self, share: float | None) -> None:
        super().__init__(policy="kernelbench")
        self.share = share

    def _on(self, task: Task, text: str, name: str, stage: Stage) -> WorkloadVerdict:
        cost = Quantity(self.share, OF_REFERENCE, "measured") if self.share else None
        return WorkloadVerdict(name, Stage.CORRECT, 1.0, cost=cost)


def test_shares_of_a_time_have_a_mean_and_a_name(tmp_path: Path):
    found = make(tmp_path, candidates=1, eye=Sharing(80.0))
    said = summary(found, {t.name: scale(t) for t in found.tasks.values()})
    tiles = dict(said.tiles)
    assert tiles["% of the reference's time, the seed"].value == pytest.approx(80.0)


def test_what_is_correct_and_not_timed_is_not_called_wrong(tmp_path: Path):
    shown = page(make(tmp_path, candidates=1, eye=Sharing(None)))
    assert "No kernel was timed, so that none is called faster; correct, judged once more" in shown
    assert "No correct kernel" not in shown


def test_a_report_goes_to_the_end_of_a_link_or_into_a_pipe_and_takes_no_place(
    run: RunView, tmp_path: Path
):
    file, link, pipe = tmp_path / "file.html", tmp_path / "link.html", tmp_path / "pipe"
    link.symlink_to(file)
    assert write(run, link) == link
    assert link.is_symlink()
    whole = file.read_text()
    assert whole.startswith("<!doctype html>")
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as beside:
        read = beside.submit(pipe.read_text)
        write(run, pipe)
        assert read.result(20) == whole
    assert pipe.is_fifo()
    assert {p.name for p in tmp_path.iterdir()} == {"file.html", "link.html", "pipe"}


class Page(HTMLParser):
    """The elements of a document and their text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))


HOSTILE = (
    "</script><script>window.hit = 1</script><img src=x onerror='window.hit = 2'>"
    '" onmouseover="window.hit = 3" <!--<script> ]]> {{ 7 * 7 }} \u202e evil \u2066 \x00'
)


def hostile(folder: Path) -> RunView:
    return make(
        folder, (HOSTILE, "b"), 20, Editor(note=HOSTILE), Eye(complaint=HOSTILE),
        source=SOURCE.replace("Adds", f"Adds {HOSTILE}".replace("*/", "")),
    )  # fmt: skip


def test_text_of_a_run_is_never_markup(tmp_path: Path, two: RunView):
    text = page(hostile(tmp_path))
    tame = Page(page(two))
    found = Page(text)
    scripts = [t for t in found.tags if t[0] == "script"]
    assert len(scripts) == len([t for t in tame.tags if t[0] == "script"])
    assert {name for name, _ in found.tags} == {name for name, _ in tame.tags}
    assert not any(key.startswith("on") or key == "style" for _, a in found.tags for key in a)
    assert "\u202e" not in text
    assert "\u2066" not in text
    assert "49" not in re.findall(r"<h1>(.*?)</h1>", text)[0]


def test_the_page_loads_nothing_and_its_policy_forbids_it(two: RunView):
    text = page(two)
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert not re.findall(r"""(?:src|href|action)=["']?(?!#)[^"'\s>]""", text.split("<script>")[0])
    assert "https:" not in text
    assert text.count("http:") == text.count("http://www.w3.org/2000/svg")


def test_it_names_no_path_of_the_machine_and_no_key(two: RunView):
    text = page(two)
    whole = text + "".join(
        str(unpacked(part)) for part in re.findall(r'id="(?:part-\d+|whole)">([^<]*)<', text)
    )
    assert str(two.directory.parent) not in whole
    assert "user:key" not in whole
    assert "key@" not in whole


def test_equal_journals_make_equal_pages(two: RunView):
    assert page(two) == page(view(two.directory))


def test_a_run_under_way_has_a_report(tmp_path: Path, run: RunView):
    lines = (run.directory / "events.jsonl").read_bytes().split(b"\n")
    for count in (2, 3, 9, len(lines) // 2):
        folder = tmp_path / str(count)
        folder.mkdir()
        (folder / "events.jsonl").write_bytes(b"\n".join(lines[:count]) + b"\n")
        cut = view(folder)
        assert "not ended" in page(cut)
        seeds = sum(len(t.workloads) for t in cut.tasks.values())
        assert cut.spend.rollouts >= seeds > 0 or not cut.tasks


def test_the_command_writes_where_it_is_told(
    tmp_path: Path, run: RunView, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "mine.html"
    for words, place in ((["--out", str(out)], out), ([], run.directory / REPORT)):
        with pytest.raises(SystemExit) as ended:
            main(["report", str(run.directory), *words])
        assert ended.value.code == 0
        assert capsys.readouterr().out == f"{place}\n"
        assert place.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert [p.name for p in tmp_path.iterdir()] == ["mine.html"]


def test_where_it_cannot_be_written_is_said_in_a_sentence(tmp_path: Path, run: RunView):
    with pytest.raises(InputError, match=r"cannot write the report .*--out"):
        write(run, tmp_path / "none" / "report.html")
