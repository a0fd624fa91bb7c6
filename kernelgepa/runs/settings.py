"""How a run is made. Everything here but `jobs` and `cache` is in its journal."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from kernelgepa.engine.budget import Budget
from kernelgepa.engine.gate import Gate
from kernelgepa.engine.select import Rules
from kernelgepa.errors import InputError
from kernelgepa.tasks import Start
from kernelgepa.verdict import Policy

BUDGET = 20
BUDGET_EACH = 10  # where a run has several tasks


@dataclass(frozen=True)
class Model:
    """Which language model is asked, and how. Prices are dollars per million tokens."""

    name: str
    api_base: str = ""
    max_tokens: int = 16_384
    temperature: float | None = None
    price_in: float | None = None  # None: as litellm lists it
    price_out: float | None = None
    timeout: float = 600.0  # seconds, per call


@dataclass(frozen=True)
class Settings:
    """`proposer` is "playbook", "llm", or the name of one given as an object."""

    proposer: str = "playbook"
    budget: Budget = field(default_factory=lambda: Budget(BUDGET))
    start: Start = "canonical"
    seed_kernel: str = ""  # text that stands in for the kernel of the one task there is
    policy: Policy = "strict"
    seed: int = 0
    gate: Gate = "any"
    minibatch: int = 3
    model: Model | None = None
    templates: str = ""  # folder of templates that stand in for those of `feedback`
    device: str = ""  # of a measured target: "cpu", "cuda:0"; "" for the one there is
    seconds: float | None = None  # of timing a workload there; None: as the judge has it
    vendor: bool = True  # whether libraries may do the work of a measured kernel
    shrink: bool | None = None  # whether what is too large for a CPU is; None: only on one
    jobs: int = 1
    cache: bool = True

    @property
    def begins(self) -> str:
        """What the run begins with, in a word or two."""
        return "given kernel" if self.seed_kernel else self.start

    def check(self) -> None:
        """Raises InputError."""
        b = self.budget
        for name, value, least in (
            ("--budget", b.candidates, 1), ("--rollouts", b.rollouts, 1), ("--jobs", self.jobs, 1),
            ("--minibatch", self.minibatch, 1),
        ):  # fmt: skip
            if value is not None and (type(value) is not int or value < least):
                raise InputError(f"{name} {value!r}: expected a whole number of at least {least}")
        for name, limit in (("--usd", b.usd), ("--minutes", b.minutes)):
            if limit is not None and not (isinstance(limit, int | float) and limit > 0):
                raise InputError(f"{name} {limit!r}: expected a number of more than 0")
        if self.model is not None and self.proposer == "playbook":
            raise InputError("the playbook asks no model, and --model names one; drop one of them")
        if self.templates and not Path(self.templates).is_dir():
            raise InputError(f"--templates {self.templates}: expected a folder, found none")

    def rules(self, tasks: int, width: int, ties: float = 0.0) -> Rules:
        """How the run decides: half the budget is shared out, gains decide on the rest."""
        minimum = max(1, self.budget.candidates // (2 * tasks))
        return Rules(
            seed=self.seed, minibatch=self.minibatch, gate=self.gate, minimum=minimum, width=width,
            ties=ties,
        )  # fmt: skip
