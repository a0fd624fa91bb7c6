"""The prompt of a request: a function of the request and the templates, bounded in size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kernelgepa.candidate import KERNEL
from kernelgepa.engine.score import gain
from kernelgepa.errors import InputError
from kernelgepa.llm.extract import LAUNCH, MOST_TEXT, language
from kernelgepa.llm.templates import Templates
from kernelgepa.llm.words import cut, fence_for, fenced, one_line
from kernelgepa.protocols import Attempt, Example, Lesson, Request
from kernelgepa.task import Interface, ModuleReference, Parameter, Task, Workload
from kernelgepa.verdict import Stage

# Characters of each part at most.
FEEDBACK = 12_000
PARTNER_FEEDBACK = 6_000
DESCRIPTION = 6_000
MODULE = 16_000  # of a reference
OTHER = 8_000  # of another component
OTHERS = 24_000  # of all other components
EXAMPLE = 6_000  # before, and after
LINE = 220
LESSON = 400
RECENT = 12  # attempts
WORKLOADS = 16

SYSTEM, MUTATE, CROSSOVER = "system.md.j2", "mutate.md.j2", "crossover.md.j2"
TEMPLATES = (SYSTEM, MUTATE, CROSSOVER)

# Failures of proposals that say nothing about kernels.
NO_LESSON = (
    "timeout", "rate limited", "unavailable", "garbage", "refused", "filtered", "no dollars left"
)  # fmt: skip


def messages(request: Request, templates: Templates) -> list[dict[str, str]]:
    """What is sent. Raises InputError."""
    values = context(request)
    name = CROSSOVER if request.partner else MUTATE
    return [
        {"role": "system", "content": _tidy(templates.render(SYSTEM, values))},
        {"role": "user", "content": _tidy(templates.render(name, values))},
    ]


def _tidy(text: str) -> str:
    """Outside of fences at most one empty line in a row."""
    kept: list[str] = []
    mark = ""
    for line in text.strip().split("\n"):
        bare = line.strip()
        if not mark and bare.startswith("```"):
            mark = bare[: len(bare) - len(bare.lstrip("`"))]
        elif mark and bare == mark:
            mark = ""
        if bare or mark or (kept and kept[-1].strip()):
            kept.append(line)
    return "\n".join(kept) + "\n"


def context(request: Request) -> dict[str, Any]:
    """The variables of the templates. Raises InputError where a component is too long."""
    task, component = request.task, request.component
    parent = _parent(request, request.parent, request.feedback, FEEDBACK)
    partner = request.partner
    label = language(task.target, component)
    source = request.parent.candidate.components[component]
    return {
        "target": task.target,
        "code": component in (KERNEL, LAUNCH),
        "noun": {KERNEL: "kernel", LAUNCH: "launch specification"}.get(component, "text"),
        "device": _device(request.parent),
        "label": label,
        "fence": fence_for(source) if not label else "```",
        "rounding": task.interface.rounding,
        "stack": task.interface.stack_bytes,
        "task": _task(task, component),
        "component": component,
        "several": len(request.parent.candidate.components) > 1,
        "others": _others(request.parent.candidate.components, component, task.target),
        "parent": parent,
        "partner": _parent(request, partner, request.partner_feedback, PARTNER_FEEDBACK)
        if partner
        else None,
        "history": _history(request),
        "lessons": [_lesson(found) for found in request.lessons if _teaches(found)],
        "example": _example(request.example, label) if request.example else None,
        "asked_before": request.asked_before,
    }


def _device(attempt: Attempt) -> str:
    """What it was judged on, where the verdict says so."""
    timed = [w.timing.device for w in attempt.verdict.workloads if w.timing]
    return one_line((timed or [attempt.verdict.versions.get("device", "")])[0], 100)


def _parent(request: Request, attempt: Attempt, feedback: str, most: int) -> dict[str, Any]:
    text = attempt.candidate.components[request.component]
    if len(text) > MOST_TEXT:
        raise InputError(
            f"task {request.task.name}: component {request.component} of candidate "
            f"{attempt.candidate.id} has {len(text)} characters, a prompt holds {MOST_TEXT}; "
            "choose another proposer or split it"
        )
    label = language(request.task.target, request.component)
    led = request.leads.get(attempt.candidate.id, ())
    return {
        "id": attempt.candidate.id,
        "source": fenced(text, label),
        "feedback": fenced(cut(feedback, most), "text") if feedback.strip() else "Nothing.",
        "correct": attempt.verdict.correct,
        "gain": _gain(request, attempt),
        "against": _against(attempt),
        "leads": ", ".join(one_line(n, 60) for n in led[:WORKLOADS]),
    }


def _gain(request: Request, attempt: Attempt) -> str:
    """Against the seed, where both have a cost."""
    seed = request.history[0] if request.history else None
    if seed is None or seed.candidate.id == attempt.candidate.id:
        return ""
    made = gain(seed.verdict, attempt.verdict)
    return f"{made:.2f}x" if made else ""


def _against(attempt: Attempt) -> str:
    """Measured against the reference, the workload that gains least; empty where not timed."""
    found = [w.timing for w in attempt.verdict.workloads if w.timing]
    if not found or not attempt.verdict.correct:
        return ""
    least = min(found, key=lambda t: t.speedup)
    return f"{least.speedup:.2f}x [{least.low:.2f}, {least.high:.2f}]"


def _task(task: Task, component: str) -> dict[str, Any]:
    shown = [w for w in task.workloads if "hidden" not in w.uses]
    kernel = component == KERNEL and not isinstance(task.reference, ModuleReference)
    more = len(shown) - WORKLOADS
    rows = [_workload(w) for w in shown[:WORKLOADS]]
    if more > 0:
        rows.append({"name": f"and {more} more", "sizes": "", "scalars": "", "tolerance": ""})
    return {
        "name": one_line(task.name, 100),
        "description": fenced(cut(task.description, DESCRIPTION), "text")
        if task.description.strip()
        else "",
        "function": task.interface.function,
        "parameters": _parameters(task.interface) if kernel else [],
        "workloads": rows,
        "general": task.shapes == "general",
        **_module(task.reference),
    }


def _module(reference: object) -> dict[str, str]:
    """The reference's code, where it is a module of torch, and how it was shrunk."""
    if not isinstance(reference, ModuleReference):
        return {"module": "", "shrunk": ""}
    code = fenced(cut(reference.code, MODULE), "python")
    return {"module": code, "shrunk": one_line(reference.shrunk, LINE)}


_ROLES: Mapping[str, str] = {
    "in": "pointer to {dtype}, read",
    "out": "pointer to {dtype}, written",
    "scalar": "{dtype} by value",
}


def _parameters(interface: Interface) -> list[dict[str, str]]:
    def what(p: Parameter) -> str:
        return _ROLES[p.role].format(dtype=p.dtype)

    return [{"name": p.name, "what": what(p)} for p in interface.parameters]


def _workload(w: Workload) -> dict[str, str]:
    def size(shape: Sequence[int]) -> str:
        return "x".join(map(str, shape)) or "1"

    return {
        "name": one_line(w.name, 60),
        "sizes": ", ".join(f"{n} {size(s)}" for n, s in w.shapes.items()),
        "scalars": ", ".join(f"{n} = {_number(v)}" for n, v in w.scalars.items()),
        "tolerance": f"{w.tolerance.atol:g} + {w.tolerance.rtol:g} of the value",
    }


def _number(value: int | float) -> str:
    """Sizes are whole: 1048576, not 1.04858e+06."""
    return str(value) if isinstance(value, int) else f"{value:g}"


def _others(components: Mapping[str, str], mine: str, target: str) -> list[dict[str, str]]:
    left, found = OTHERS, []
    for name in sorted(components):
        if name == mine:
            continue
        text = cut(components[name], max(0, min(OTHER, left)))
        left -= len(text)
        found.append({"name": one_line(name, 60), "text": fenced(text, language(target, name))})
    return found


def _history(request: Request) -> list[str]:
    """The best accepted, then the latest attempts, one line each."""
    attempts = list(request.history)
    if len(attempts) < 2:
        return []
    seed = attempts[0].verdict
    good = [a for a in attempts[1:] if a.accepted and a.verdict.correct]
    best = max(good, key=lambda a: gain(seed, a.verdict), default=None)
    recent = attempts[1:][-RECENT:]
    lines = [f"best so far: {_line(request, best)}"] if best else []
    return lines + [_line(request, a) for a in recent if a is not best]


_STAGES: Mapping[Stage, str] = {
    Stage.REFUSED: "refused before compiling",
    Stage.COMPILE: "did not compile",
    Stage.BUILD: "could not be placed",
    Stage.RUN: "trapped",
    Stage.COMPARE: "wrong values",
}


def _line(request: Request, attempt: Attempt) -> str:
    verdict = attempt.verdict
    came = _STAGES.get(verdict.stage) or _gain(request, attempt) or "correct"
    kept = "kept" if attempt.accepted else "not kept"
    said = attempt.candidate.note or attempt.candidate.origin
    return one_line(f"{attempt.candidate.id}, {kept}, {came}: {said}", LINE)


def _teaches(found: Lesson) -> bool:
    return found.signature.removeprefix("proposal: ") not in NO_LESSON


def _lesson(found: Lesson) -> dict[str, str]:
    about = "An answer that could not be used: " if found.signature.startswith("proposal:") else ""
    return {
        "example": about + one_line(found.example, LESSON),
        "tried": "; ".join(one_line(t, LINE) for t in found.tried),
        "fixed": one_line(found.fixed, LINE),
    }


def _example(found: Example, label: str) -> dict[str, str]:
    return {
        "task": one_line(found.task, 100),
        "note": one_line(found.note, LINE),
        "gain": f"{found.gain:.2f}x",
        "before": fenced(cut(found.before, EXAMPLE), label),
        "after": fenced(cut(found.after, EXAMPLE), label),
    }
