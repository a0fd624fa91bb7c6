"""Modules and functions of torch that a user holds, as tasks."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from kernelgepa.errors import InputError
from kernelgepa.kernelbench import source
from kernelgepa.tasks.inmemory import in_memory, of_torch

EPS = 0.25


class Shifted(torch.nn.Module):
    def __init__(self, n: int) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.rand(n))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.weight + EPS


def doubled(x: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    return x[index] * 2 + EPS


def run(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "made"}
    exec(text, names)
    return names


def agrees(code: str, seed: str) -> tuple[torch.Tensor, list[Any]]:
    old, new = run(code), run(seed)
    torch.manual_seed(1)
    inputs, init = old["get_inputs"](), old["get_init_inputs"]()
    made = []
    for kind in (old["Model"], new["ModelNew"]):
        torch.manual_seed(2)
        made.append(kind(*init)(*inputs))
    assert torch.equal(*made)
    return made[0], inputs


@pytest.mark.parametrize("given", [Shifted, Shifted(5)])
def test_a_module_and_its_class_are_a_task(given: Any):
    task = in_memory(given, [torch.rand(3, 5)], init=[5], device="cpu")
    assert (task.target, task.name) == ("torch", "Shifted")
    assert "doubled" not in task.module.code
    out, (x,) = agrees(task.module.code, task.seeds["canonical"])
    assert out.shape == x.shape == (3, 5)


def test_a_function_is_a_task_and_its_whole_numbers_stay_in_range():
    index = torch.tensor([2, 0, 3])
    task = in_memory(doubled, [torch.rand(4, 2), index], device="cpu")
    out, (x, drawn) = agrees(task.module.code, task.seeds["canonical"])
    assert drawn.dtype == torch.int64
    assert 0 <= int(drawn.min()) <= int(drawn.max()) <= 3
    assert torch.equal(out, doubled(x, drawn))


SCRIPT = """
import torch, kernelgepa
from kernelgepa import optimize as run

SLOPE = 0.5

def chosen(x, other):
    result = torch.where(x > 0, x, other)
    return result

def leaky(x):
    return chosen(x, SLOPE * x)

def main():
    return kernelgepa.optimize(leaky, example_inputs=[torch.rand(4)])

result = run(leaky, example_inputs=[torch.rand(4)])
for line in [result.speedup]:
    print(line)
main()
"""


def test_the_script_that_asks_is_no_part_of_the_task():
    kept = source.only(SCRIPT, {"leaky"})
    assert all(gone not in kept for gone in ("kernelgepa", "run(", "speedup", "main"))
    assert torch.equal(run(kept)["leaky"](torch.tensor([-2.0, 3.0])), torch.tensor([-1.0, 3.0]))
    assert "import kernelgepa" in source.only(SCRIPT, {"main"})  # which cannot do without


def test_what_cannot_be_made_again_is_said():
    class Local(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x

    for given, examples, says in [
        (Shifted(5), [torch.rand(5)], "init_inputs"),
        (Local, [torch.rand(5)], "not defined at the top level of a file"),
        (doubled, [object(), torch.rand(5)], "example input 1 is a object"),
    ]:
        with pytest.raises(InputError, match=says):
            in_memory(given, examples, device="cpu")


def test_what_is_of_torch_is_told():
    import numpy as np  # noqa: PLC0415

    assert of_torch(Shifted, []) and of_torch(Shifted(2), []) and of_torch(doubled, [torch.ones(1)])
    assert not of_torch(doubled, [np.ones(1)])
