"""The report in a real browser: clicked through, by mouse and by keyboard, wide and narrow.

With KERNELGEPA_SHOTS set to a folder, the pictures are left there; docs/ shows some of them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kernelgepa import session
from kernelgepa.engine.budget import Budget
from kernelgepa.proposers import Scripted
from kernelgepa.report import REPORT, write
from kernelgepa.runs.view import RunView, view
from kernelgepa.task import Task
from kernelgepa.verdict import Stage, WorkloadVerdict
from tests.report.big import big, deep
from tests.report.browser import Browser, found
from tests.report.made import Eye, make
from tests.report.test_data import hostile


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(found(), tmp_path_factory.mktemp("chromium")) as made:
        yield made


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """A browser that has complained of nothing and loaded nothing but the page."""
    chromium.trouble.clear()
    chromium.requests.clear()
    chromium.screen(1280, 900)
    yield chromium
    chromium.run("localStorage.clear()")
    assert chromium.trouble == []
    assert {r.partition("#")[0].rpartition("/")[2] for r in chromium.requests} == {REPORT}


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = Path(os.environ.get("KERNELGEPA_SHOTS") or tmp_path_factory.mktemp("shots"))
    out.mkdir(parents=True, exist_ok=True)
    return out


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real run; its end has written the report."""
    out = tmp_path_factory.mktemp("runs") / "rms_norm_bf16"
    session.optimize("rms_norm_bf16", session.Settings(budget=Budget(4)), out)
    return out / REPORT


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunView, Path]:
    made = big(tmp_path_factory.mktemp("runs") / "54-tasks")
    return made, write(made)


def focused(browser: Browser) -> str:
    return str(browser.run("document.activeElement.textContent + document.activeElement.id"))


FOCUS_SEEN = """(() => {
  const mark = document.activeElement.querySelector(".hit");
  return mark
    ? getComputedStyle(mark).strokeWidth === "2px"
    : getComputedStyle(document.activeElement).outlineStyle !== "none";
})()"""


def fits(browser: Browser) -> bool:
    """Whether the page itself does not scroll sideways."""
    return bool(browser.run("document.documentElement.scrollWidth <= innerWidth"))


def chosen(browser: Browser) -> str:
    return str(browser.run("document.querySelector('#chosen .id').textContent"))


def test_small_run_by_mouse(browser: Browser, small: Path):
    (task,) = view(small.parent).tasks.values()
    browser.open(small)
    assert chosen(browser) == task.best.id
    marks = "document.querySelectorAll('.point[data-step]').length"
    assert browser.run(marks) == len(view(small.parent).steps) + 1
    for entry in task.entries.values():
        browser.click(f".tree[role=tree] [data-id='{entry.id}']")
        browser.until(f"document.querySelector('#chosen .id').textContent === '{entry.id}'")
        assert browser.run("location.hash") == f"#/0/{entry.id}"
        assert browser.run("document.querySelectorAll('.candidate .diff tr.ins').length") >= (
            1 if entry.step else 0
        )
    browser.click(".candidate .link")
    browser.click(f".point[data-step='{task.best.step}']")
    browser.until(f"document.querySelector('#chosen .id').textContent === '{task.best.id}'")
    text = browser.run("document.querySelector('.candidate').innerText")
    for wanted in (
        "modelled",
        "Difference from its parent",
        "Loops",
        "Verdict",
        task.best.attempt.candidate.note,
    ):
        assert wanted in text
    browser.click(".candidate details:last-of-type summary")
    browser.until("document.querySelectorAll('.candidate details[open] .diff tr').length > 10")
    browser.run("history.back()")
    browser.until(f"document.querySelector('#chosen .id').textContent !== '{task.best.id}'")


def test_the_feedback_is_shown_as_it_was_given(browser: Browser, small: Path):
    run = view(small.parent)
    (task,) = run.tasks.values()
    browser.open(small, f"#/0/{task.best.id}")
    browser.click(".candidate details summary")
    browser.until("document.querySelectorAll('.candidate pre.text').length > 0")
    shown = browser.run("document.querySelector('.candidate pre.text').textContent")
    (told,) = next(f.told for f in run.steps if f.candidate == task.best.id)
    assert shown == told
    assert "cycles" in shown


class Labelling(Eye):
    """Finds every second workload shrunk."""

    def _on(self, task: Task, text: str, name: str, stage: Stage) -> WorkloadVerdict:
        found = super()._on(task, text, name, stage)
        return replace(found, labels=("shrunk 8x: n 64 -> 8",)) if name == "n1024" else found


def test_a_label_of_a_verdict_is_beside_its_figures(browser: Browser, tmp_path: Path):
    run = make(tmp_path, candidates=1, eye=Labelling())
    (task,) = run.tasks.values()
    browser.open(write(run), f"#/0/{task.best.id}")
    text = browser.run("document.querySelector('.candidate').innerText")
    assert text.count("n1024: shrunk 8x: n 64 -> 8") == 1


def test_small_run_by_keyboard(browser: Browser, small: Path):
    browser.open(small)
    browser.press("Tab")
    assert "Skip to the content" in focused(browser)
    browser.press("Enter")
    assert browser.run("document.activeElement.id") == "main"
    for _ in range(60):
        browser.press("Tab")
        assert browser.run(FOCUS_SEEN), focused(browser)
        if browser.run("document.activeElement.matches('[role=treeitem]')"):
            break
    assert browser.run("document.activeElement.matches('[role=treeitem]')")
    before = chosen(browser)
    browser.press("Home")
    browser.press("ArrowDown")
    wanted = browser.run("document.activeElement.dataset.id")
    assert wanted != before
    browser.press("Enter")
    browser.until(f"document.querySelector('#chosen .id').textContent === '{wanted}'")
    assert browser.run("document.activeElement.id") == "chosen"
    browser.run("document.querySelector('.point[tabindex=\"0\"]').focus()")
    browser.press("Home")
    assert browser.run("document.activeElement.dataset.step") == "0"
    browser.press("ArrowRight")
    assert browser.run("document.activeElement.dataset.step") == "1"
    assert "Step 1" in browser.run("document.getElementById('tip').innerText")
    browser.press("Escape")
    assert browser.run("document.getElementById('tip').hidden")
    browser.press("Enter")
    browser.until("document.querySelector('#chosen').textContent.includes('Step 1')")


def test_theme(browser: Browser, small: Path):
    colour = "getComputedStyle(document.body).backgroundColor"
    browser.open(small)
    light = browser.run(colour)
    browser.click("#theme")  # light, whatever the system says
    assert browser.run(colour) == light
    browser.screen(1280, 900, "dark")
    assert browser.run(colour) == light
    browser.click("#theme")  # dark
    dark = browser.run(colour)
    assert dark != light
    browser.screen(1280, 900, "light")
    assert browser.run(colour) == dark
    browser.open(small)
    assert browser.run(colour) == dark  # kept
    browser.click("#theme")
    assert browser.run(colour) == light


CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(browser: Browser, large: tuple[RunView, Path], scheme: str):
    run, page = large
    browser.screen(1280, 900, scheme)
    for place in ("", "#/0", "#/1"):
        browser.open(page, place)
        assert browser.run(CONTRAST) == {}
    wrong = next(f for f in run.steps if f.outcome == "compare")
    browser.open(page, f"#/{list(run.tasks).index(wrong.task)}/{wrong.candidate}")
    assert "expected" in browser.run("document.querySelector('.candidate').innerText")
    assert browser.run(CONTRAST) == {}


def test_large_run_search_and_order(browser: Browser, large: tuple[RunView, Path]):
    run, page = large
    assert page.stat().st_size < 1_000_000
    browser.open(page)
    rows = "[...document.querySelectorAll('#tasks tbody tr:not([hidden]) th')]"
    names = f"{rows}.map((c) => c.textContent)"
    assert len(browser.run(names)) == 54
    gains = {t.name: t.best.gain for t in run.tasks.values()}
    listed = [gains[n] for n in browser.run(names)]
    assert listed == sorted(listed, reverse=True)

    def shown(expected: list[str]) -> None:
        """A click is done some time after it was sent."""
        text = json.dumps(json.dumps(expected, separators=(",", ":")))
        browser.until(f"JSON.stringify({names}) === {text}")

    browser.click("#tasks thead th:first-child button")
    shown(sorted(gains, reverse=True))
    browser.click("#tasks thead th:first-child button")
    shown(sorted(gains))
    browser.click("#task-search")
    browser.type("matmul")
    shown(sorted(n for n in gains if "matmul" in n))
    assert browser.run("document.getElementById('task-count').textContent") == "6 of 54"
    browser.click("#tasks tbody tr:not([hidden]) a")
    browser.until("document.body.dataset.view === 'task'")
    browser.until("document.getElementById('task-name')?.textContent === 'matmul_bf16'")
    browser.click(".crumbs a")
    browser.until("document.body.dataset.view === 'run'")


def test_every_task_and_candidate_of_the_large_run_opens(
    browser: Browser, large: tuple[RunView, Path]
):
    run, page = large
    browser.open(page)
    for place, task in enumerate(run.tasks.values()):
        name = json.dumps(task.name)
        browser.run(f"location.hash = '#/{place}'")
        browser.until(f"document.getElementById('task-name')?.textContent === {name}")
    opened = browser.run(
        """(async () => {
          let count = 0;
          for (const item of [...document.querySelectorAll(".steps [data-id]")]) {
            item.click();
            await new Promise((done) => setTimeout(done, 0));
            if (document.querySelector(".candidate").innerText.length > 20) count++;
          }
          return count;
        })()"""
    )
    last = list(run.tasks.values())[-1]
    assert opened == 1 + sum(f.task == last.name for f in run.steps)


def test_a_task_of_a_thousand_candidates(browser: Browser, tmp_path: Path):
    made = deep(tmp_path / "deep")
    (task,) = made.tasks.values()
    assert len(task.entries) > 900
    page = write(made)
    browser.open(page)
    assert (
        browser.run("document.querySelectorAll('.steps [data-id]').length") == len(made.steps) + 1
    )
    rows = browser.run("document.querySelectorAll('[role=tree] [role=treeitem]').length")
    assert rows < len(task.entries)
    browser.click("[role=tree] .folded")
    assert browser.run("document.querySelectorAll('[role=tree] [role=treeitem]').length") > rows
    browser.run("document.querySelectorAll('[role=tab]')[1].click()")
    browser.click("[role=tabpanel]:not([hidden]) input")
    browser.type("accumulators")
    shown = browser.run("[...document.querySelectorAll('.steps .why')].map((w) => w.textContent)")
    assert shown
    assert all("accumulators" in text for text in shown)
    assert fits(browser)


def test_hostile_text_does_nothing(browser: Browser, tmp_path: Path):
    page = write(hostile(tmp_path / "hostile"))
    browser.open(page, "#/0")
    browser.until("document.getElementById('task-name')")
    ids = browser.run("[...document.querySelectorAll('.steps [data-id]')].map((i) => i.dataset.id)")
    for name in ids:
        browser.run(f"location.hash = '#/0/{name}'")
        browser.run("new Promise((done) => setTimeout(done, 0))")
        browser.run("for (const d of document.querySelectorAll('details')) d.open = true")
    assert "</script><script>" in browser.run("document.querySelector('h2.task-name').textContent")
    assert browser.run("typeof window.hit") == "undefined"
    assert browser.run("document.querySelectorAll('img').length") == 0
    assert fits(browser)


def test_without_scripts_there_is_still_the_result(browser: Browser, large: tuple[RunView, Path]):
    _, page = large
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.call("Page.navigate", url=page.resolve().as_uri())
        browser.until("document.querySelectorAll('#tasks tbody tr').length === 54")
        text = browser.run("document.body.innerText")
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
    assert "fewer cycles than the seed" in text
    assert "need JavaScript" in text


# Each colour and each width once; all of them where somebody looks at the pictures.
LOOKS = [(1280, "light"), (360, "dark")]
if os.environ.get("KERNELGEPA_SHOTS"):
    LOOKS += [(1280, "dark"), (360, "light")]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_pictures(
    browser: Browser, small: Path, large: tuple[RunView, Path], shots: Path, width: int, scheme: str
):
    browser.screen(width, 1000 if width > 500 else 800, scheme)
    for name, page, place in (
        ("small", small, ""), ("large", large[1], ""), ("large-task", large[1], "#/3"),
    ):  # fmt: skip
        browser.open(page, place)
        assert fits(browser)
        taken = browser.shot(shots / f"{name}-{width}-{scheme}.png")
        assert taken.stat().st_size > 10_000
        part = "#tasks" if name == "large" else "#candidates"
        browser.run(f"document.querySelector('{part}').scrollIntoView()")
        browser.shot(shots / f"{name}-{width}-{scheme}-below.png")


def test_print(browser: Browser, small: Path, tmp_path: Path):
    browser.open(small)
    made = browser.call("Page.printToPDF", printBackground=True)
    assert len(made["data"]) > 20_000


def test_where_a_measured_kernel_spends_its_time(browser: Browser, tmp_path: Path):
    settings = session.Settings(budget=Budget(1), device="cpu", seconds=0.05)
    script = Scripted([None])
    session.optimize("bias_gelu_scale", settings, tmp_path / "run", proposer=script)
    browser.open(tmp_path / "run" / REPORT)
    text = browser.run("document.querySelector('.candidate').innerText")
    assert "Where the time goes" in text and "by torch.profiler" in text
    assert "aten::" in text
