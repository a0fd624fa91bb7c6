"""The playbook on tasks whose reference is a module: what it proposes, and why not more."""

from __future__ import annotations

from problems import PROBLEMS, problem

from kernelgepa.candidate import Candidate
from kernelgepa.playbook import Playbook
from kernelgepa.protocols import Attempt, Request
from kernelgepa.task import Interface, ModuleReference, Task, Workload
from kernelgepa.verdict import Verdict


def task_of(code: str, target: str = "torch") -> Task:
    sizes: list[dict[str, int | float]] = [{}, {"rows": 5, "width": 24}]
    workloads = tuple(Workload(f"w{i}", {}, s) for i, s in enumerate(sizes))
    return Task("some", target, Interface("forward", ()), workloads, ModuleReference(code), {})


def attempt(components: dict[str, str]) -> Attempt:
    candidate = Candidate(components)
    return Attempt(candidate, Verdict(candidate.id, "some", ()), False)


def proposals(code: str, target: str = "torch") -> tuple[list[Candidate], str]:
    """Everything it proposes until it says that there is no more, and what it says then."""
    playbook, task = Playbook(), task_of(code, target)
    history = [attempt({"kernel": "seed"})]
    while True:
        made = playbook.propose(Request(len(history), task, history[0], "kernel", "", history))
        if made.components is None:
            assert made.exhausted
            return [a.candidate for a in history[1:]], made.note
        history.append(attempt(dict(made.components)))
        assert len(history) < 50


def test_each_is_proposed_once_and_the_end_is_told() -> None:
    found, note = proposals(PROBLEMS["two kernels"])
    assert len(found) == len({c.id for c in found}) >= 3
    assert "tried" in note
    again, _ = proposals(PROBLEMS["two kernels"])
    assert [c.id for c in again] == [c.id for c in found]


def test_a_module_that_cannot_be_traced_is_told() -> None:
    found, note = proposals(problem("return x if x.sum() > 0 else -x"))
    assert found == []
    assert "cannot be used as inputs to control flow" in note


def test_a_tensor_of_the_file_is_not_taken_for_one_of_the_module() -> None:
    code = "import torch\nTWO = torch.tensor([2.0])\n" + problem("return F.gelu(x + TWO)")
    found, note = proposals(code)
    assert found == []
    assert "a tensor that is no parameter or buffer" in note


def test_a_number_that_follows_the_sizes_is_read_from_the_module() -> None:
    code = problem(
        "return F.gelu(self.a(x).view(-1, self.w, 1) * 2.0)",
        "self.w = width // 4\nself.a = nn.Linear(width, width // 4)",
    )
    found, _ = proposals(code)
    assert "view(-1, self.w, 1)" in found[0].source


def test_a_factor_that_follows_the_sizes_is_left_to_torch() -> None:
    code = problem("return torch.softmax(torch.tanh(x) * self.f, -1)", "self.f = width ** -0.5")
    found, _ = proposals(code)
    assert "self.f" in found[0].source


def test_a_launch_is_proposed_with_its_kernel_and_parameters_of_the_parent_follow() -> None:
    task = task_of(PROBLEMS["softmax"], "triton")
    playbook, history = Playbook(), [attempt({"kernel": "seed", "launch": ""})]
    first = playbook.propose(Request(1, task, history[0], "launch", "", history)).components
    assert first is not None
    assert "def fused(" in first["kernel"]
    assert 'kernel = "fused"' in first["launch"]
    history.append(attempt(dict(first)))
    origins = []
    while True:
        made = playbook.propose(Request(1, task, history[1], "launch", "", history))
        if made.components is None:
            break
        origins.append(made.origin)
        history.append(attempt(dict(made.components)))
    assert origins[0] == "playbook/generate-triton-looped"
    assert "playbook/triton-num-warps" in origins
