"""What the files of a new task folder say."""

from __future__ import annotations

import json
from collections.abc import Mapping

from kernelgepa.task import INTEGERS, Task
from kernelgepa.tasks.inputs import Range


def toml(
    task: Task, ranges: Mapping[str, Range], special: Mapping[str, Mapping[str, Range]]
) -> str:
    """task.toml of a task whose workloads have ranges of their own in `special`."""
    lines = [
        f'name = "{task.name}"',
        f"summary = {json.dumps(task.description, ensure_ascii=False)}",
        'category = "own"',
        f'target = "{task.target}"',
        f'shapes = "{task.shapes}"',
        f'function = "{task.interface.function}"',
        f'rounding = "{task.interface.rounding}"',
    ]
    for p in task.interface.parameters:
        lines += ["", "[[parameter]]", f'name = "{p.name}"', f'role = "{p.role}"',
                  f'dtype = "{p.dtype}"']  # fmt: skip
        if p.role == "in":
            lines += [f"low = {_number(ranges[p.name].low)}",
                      f"high = {_number(ranges[p.name].high)}"]  # fmt: skip
    for w in task.workloads:
        shapes = ", ".join(f"{n} = {list(s)}" for n, s in w.shapes.items())
        uses = ", ".join(f'"{u}"' for u in sorted(w.uses))
        lines += ["", "[[workload]]", f'name = "{w.name}"', f"shapes = {{ {shapes} }}",
                  f"uses = [{uses}]", f"tolerance = {{ atol = {w.tolerance.atol!r} }}"]  # fmt: skip
        if w.name in special:
            own = ", ".join(
                f"{n} = {{ low = {_number(r.low)}, high = {_number(r.high)} }}"
                for n, r in special[w.name].items()
            )
            lines.append(f"ranges = {{ {own} }}")
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


def reference(text: str, function: str, task: Task) -> str:
    """The user's file as it stands, and what makes a reference of its function."""
    ins = [p.name for p in task.interface.of_role("in")]
    outs = {
        p.name: (p.dtype if p.dtype in INTEGERS else "", task.workloads[0].shapes[p.name])
        for p in task.interface.of_role("out")
    }
    return f"""{text.rstrip()}


# --- made by `kernelgepa tasks new`: the function above is what is right
_function = {function}
_outputs = {outs!r}
inputs = None


def reference(inputs, scalars):
    import numpy

    given = [numpy.array(inputs[name]) for name in {ins!r}]
    given = [v.astype("float32") if v.dtype.name == "bfloat16" else v for v in given]
    with numpy.errstate(all="ignore"):
        made = _function(*given)
        made = list(made) if isinstance(made, (tuple, list)) else [made]
        result = {{}}
        for (name, (kind, shape)), values in zip(_outputs.items(), made):
            values = numpy.asarray(values)
            result[name] = numpy.reshape(values.astype(kind) if kind else values, shape)
    return result
"""
