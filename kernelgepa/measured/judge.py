"""Turns measured executions into verdicts. Candidate code runs in workers, never here."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from kernelgepa.candidate import KERNEL, Candidate
from kernelgepa.errors import InputError, ReferenceFault
from kernelgepa.judge.asking import Asking
from kernelgepa.judge.secret import Secret
from kernelgepa.kernelbench.source import with_sizes
from kernelgepa.measured import policy, probes, profiles, shapes, soundness
from kernelgepa.measured.checking import Checking
from kernelgepa.measured.compiled import Compiled
from kernelgepa.measured.contract import Adapter, Built, Profiling
from kernelgepa.measured.hidden import Rejected
from kernelgepa.measured.jumps import settled
from kernelgepa.measured.known import Known, twice
from kernelgepa.measured.machine import device_name, workers
from kernelgepa.measured.ncu import Ncu
from kernelgepa.measured.outputs import CONTINUOUS, RULES, Answer, coarse, rules
from kernelgepa.measured.plan import PAIRS
from kernelgepa.measured.roofline import Work
from kernelgepa.measured.room import (
    Room,
    bytes_of,
    fresh,
    mixtures,
    new_sets,
    order_of,
    secret_seed,
    tolerance_of,
    too_much,
    unseen,
    whole,
)
from kernelgepa.measured.seat import FIRST, Failed, Seat, Which, all_of
from kernelgepa.measured.timed import Bench, Fresh, alone, cost, timing
from kernelgepa.protocols import Sandbox
from kernelgepa.sandbox import devices
from kernelgepa.task import Task, Workload
from kernelgepa.verdict import Diagnostic, Policy, Stage, Timing, Verdict, WorkloadVerdict

TIES = 0.03  # costs that differ by less are alike; what one measurement cannot tell apart
SECONDS = 8.0  # of timing, a workload
# What a candidate was told before its references were prepared, and its twins, once it has begun.
_Early = tuple[dict[str, Any], Future[Sequence[Seat]]]


@cache
def _hash() -> str:
    files = sorted([*Path(__file__).parent.glob("*.py"), RULES])
    return hashlib.sha256(b"\0".join(f.read_bytes() for f in files)).hexdigest()[:16]


class ModuleJudge(Asking):
    """Judges kernels on one device. May be called from several threads; times one at a time."""

    ties = TIES

    def __init__(
        self,
        adapter: Adapter,
        sandbox: Sandbox,
        device: str = "cpu",
        rules_of: Policy = "strict",
        secret: Secret | None = None,
        seconds: float = SECONDS,
        vendor: bool = True,
        profile: Profiling = "none",
    ) -> None:
        """`profile`: whether correct kernels are asked where their time goes, on one workload."""
        self.policy: str = rules_of
        self._adapter, self._device, self._seconds = adapter, device, seconds
        self._vendor = vendor
        self._profile = profile != "none"
        self._ncu = Ncu(sandbox, device, profile == "full") if device != "cpu" else None
        super().__init__(secret)
        self._timing = threading.Lock()
        self._beside = ThreadPoolExecutor(3 * PAIRS, "seats")
        self._workers = workers(sandbox, adapter.name, device)
        # Processes that have seen no candidate: they may judge the next one too.
        self._references = tuple(Seat(self._workers, {}) for _ in range(PAIRS))
        self._known = Known(self._workers, device)
        self._libraries = Compiled()

    def close(self) -> None:
        """Ends all workers."""
        self._beside.shutdown()
        for seat in self._references:
            seat.close()
        self._known.close()
        self._workers.close()
        self._adapter.close()

    def _opened(self, built: Built, count: int, stack: ExitStack) -> list[Seat]:
        """Processes for a candidate, which start while the references are prepared, and end while
        the judge goes on."""
        seats = [Seat(self._workers, {}, built.payload) for _ in range(count)]
        for seat in seats:
            stack.callback(self._beside.submit, seat.close)
            seat.open()
        return seats

    def _begun(self, seats: Sequence[Seat], order: dict[str, Any]) -> Sequence[Seat]:
        """Begins the first, and says which are to be timed beside it. Quick ones begin then, though
        it may be wrong; a slow one, such as compiles what it needs, while the first does the same.

        Raises Failed.
        """
        limits = rules()["limits"]
        first, *others = seats
        for twin in others:
            twin.order = order
        begun = self._beside.submit(first.begin, order)
        slow = bool(wait([begun], limits["slow_begin"]).not_done)
        twins = others[:1] if slow else others
        if slow:
            self._begin(twins)
        begun.result()
        if first.begun < limits["quick_begin"]:
            self._begin(twins)
        return twins

    def _begin(self, twins: Sequence[Seat]) -> None:
        for twin in twins:
            twin.beginning = self._beside.submit(twin.begin)

    def versions(self) -> Mapping[str, str]:
        """Versions and hashes of target, device, comparison and tolerances."""
        return {
            "target": self._adapter.name,
            **self._adapter.versions(),
            "device": device_name(self._device),
            "judge": _hash(),
            "numpy": np.__version__,
            "vendor libraries": "allowed" if self._vendor else "refused",
        }

    def _judge(
        self, task: Task, candidate: Candidate, workloads: Sequence[Workload], secret: Secret
    ) -> Verdict:
        start = time.perf_counter()
        built = self._adapter.build(task, candidate, self._device)
        if built.compiles:
            built = self._compiled(task, candidate, built, workloads[0])
        notes = built.diagnostics
        if built.failed is not None:
            judged = [WorkloadVerdict(w.name, built.failed) for w in workloads]
        elif built.unverified:
            notes = (*notes, Diagnostic(built.unverified, "note", code="unverified"))
            counters = dict(built.counters)
            judged = [WorkloadVerdict(w.name, Stage.BUILD, objectives=counters) for w in workloads]
        else:
            looked_at = self._looked_at(workloads, secret)
            judged = [
                twice(partial(self._one, task, candidate, built, w, secret, w.name == looked_at))
                for w in workloads
            ]
        if secret is not self._secret:  # it confirms a winner
            judged = self._labelled(task, candidate, built, judged, secret)
        return Verdict(
            candidate.id, task.name, tuple(judged), notes, self.versions(), self.policy,
            time.perf_counter() - start,
        )  # fmt: skip

    def _compiled(
        self, task: Task, candidate: Candidate, built: Built, workload: Workload
    ) -> Built:
        """With what it compiles itself, in a process that draws nothing from a secret."""
        problem = with_sizes(task.module.code, whole(workload.scalars))
        order = order_of(task.digest, problem, self._device, False, 1, lambda: 0)
        order |= self._own(candidate, built)
        # Compilers use the processors that kernels are timed on.
        with self._timing if self._device == "cpu" else nullcontext():
            seat = partial(Seat, self._workers, {}, built.payload)
            return self._libraries.of(f"{task.digest} {candidate.id}", built, seat, order)

    def _looked_at(self, workloads: Sequence[Workload], secret: Secret) -> str:
        """Whose profile is taken; of no workload where a verdict only confirms another."""
        wanted = self._profile and secret is self._secret
        return profiles.costliest(workloads) if wanted else ""

    def _labelled(
        self, task: Task, candidate: Candidate, built: Built, judged: Sequence[WorkloadVerdict],
        secret: Secret,
    ) -> list[WorkloadVerdict]:  # fmt: skip
        """With a label where a right kernel for fixed shapes is wrong at others."""
        if task.shapes != "fixed" or not all(w.stage is Stage.CORRECT for w in judged):
            return list(judged)
        label = shapes.specialised(task, lambda other: self._right(other, candidate, built, secret))
        return [replace(w, labels=(*w.labels, label)) if label else w for w in judged]

    def _right(self, task: Task, candidate: Candidate, built: Built, secret: Secret) -> bool:
        """Whether it is correct, without being timed. Raises InputError."""
        with self._timing, ExitStack() as stack:
            if self._device != "cpu":
                stack.enter_context(devices.held(self._device))
            room = self._room(task, candidate, task.workloads[0], secret)
            self._prepared(room)
            (seat,) = self._opened(built, 1, stack)
            try:
                seat.begin(self._order(room, candidate, built))
                return self._checking(room, seat).found()[0].good
            except Failed:
                return False

    def _one(
        self, task: Task, candidate: Candidate, built: Built, workload: Workload, secret: Secret,
        profile: bool,
    ) -> WorkloadVerdict:  # fmt: skip
        with self._timing, ExitStack() as stack:
            if self._device != "cpu":
                stack.enter_context(devices.held(self._device))
            seats = self._opened(built, PAIRS if built.timed else 1, stack)
            room = self._room(task, candidate, workload, secret)
            early = self._early(room, candidate, built, seats)
            if early is not None:
                stack.callback(wait, [early[1]])
            self._prepared(room)
            with self._known.taken(room):
                found = self._seated(room, candidate, built, seats, early, profile)
        return self._ncu.detailed(found, seats[0]) if self._ncu else found

    def _early(
        self, room: Room, candidate: Candidate, built: Built, seats: Sequence[Seat]
    ) -> _Early | None:
        """Begins while the references are prepared, where it is known what that will show. Not on
        a GPU, where they are timed meanwhile."""
        shown = self._known.shown(room) if self._device == "cpu" else None
        if shown is None:
            return None
        order = self._order(room, candidate, built) | shown
        return order, self._beside.submit(self._begun, seats, order)

    def _seated(
        self, room: Room, candidate: Candidate, built: Built, seats: Sequence[Seat],
        early: _Early | None, profile: bool,
    ) -> WorkloadVerdict:  # fmt: skip
        order, name, seat = self._order(room, candidate, built), room.workload.name, seats[0]
        try:
            if early is not None and early[0] == order:
                twins = early[1].result()
            else:
                if early is not None:
                    wait([early[1]])
                    all_of([self._beside.submit(each.close) for each in seats])
                twins = self._begun(seats, order)
            found, notes = self._checking(room, seat).found()
            source = candidate.components[KERNEL]
            if found.good and not notes and policy.matters(source, self._vendor):
                wanted, _ = room.references[0].operations(Which(0))
                used, borrowed = seat.operations(Which(0))
                notes = policy.notes(wanted, used, source, self._vendor, borrowed)
        except Failed as failure:
            return soundness.ended(name, failure, room.references[0], None)
        if not found.good or notes:
            if not found.good:
                notes += probes.other_start(room.references[0], seat)
                notes += probes.varied([place for place, _ in room.order["varied"]])
                notes += probes.left([room.names[place] for place in room.order["left"]])
            share = found.share if not found.good else 0.0
            said = tuple(dict.fromkeys((*found.notes, *notes)))
            return WorkloadVerdict(name, Stage.COMPARE, share, said, found.mismatches)
        counters = dict(built.counters)
        if not built.timed:
            return WorkloadVerdict(
                name, Stage.CORRECT, 1.0, objectives=counters, labels=room.labels
            )
        prepared = probes.prepared(room.references[0], seat) if room.weights else ()
        try:
            measured = self._timed(room, seat, twins)
        except Failed as failure:
            return soundness.ended(name, failure, room.references[0], partial(fresh, room))
        except Rejected as rejected:
            return WorkloadVerdict(name, Stage.COMPARE, 0.0, (rejected.note,))
        spent = profiles.profile(seat, Which(0), measured.seconds) if profile else None
        return WorkloadVerdict(
            name, Stage.CORRECT, 1.0, cost=cost(measured), objectives=counters, timing=measured,
            labels=(*room.labels, *prepared), time_profile=spent,
        )  # fmt: skip

    def _order(self, room: Room, candidate: Candidate, built: Built) -> dict[str, Any]:
        """What a process of the candidate is told."""
        known = {"outputs": room.specs, "constants": room.references[0].constants}
        return room.order | self._own(candidate, built) | known

    def _own(self, candidate: Candidate, built: Built) -> dict[str, Any]:
        return {
            "loader": built.loader,
            "components": dict(candidate.components),
            "without_model": self._adapter.name == "torch",
        }

    def _room(self, task: Task, candidate: Candidate, workload: Workload, secret: Secret) -> Room:
        """References, and inputs drawn for this candidate."""
        chosen = rules()["policy"][self.policy]
        rng = secret.generator(candidate.id, task.digest, workload.name, "measured")
        problem = with_sizes(task.module.code, whole(workload.scalars))
        order = order_of(
            task.digest, problem, self._device, chosen["randomise"], chosen["sets"],
            partial(secret_seed, rng),
        )  # fmt: skip
        order["varied"] = self._known.how(task.digest, problem)
        return Room(
            task, workload, order, rng, self._references, sets=chosen["sets"],
            exact=chosen["exact"], weights=chosen["randomise"],
            labels=(task.module.shrunk,) if task.module.shrunk else (),
        )  # fmt: skip

    def _prepared(self, room: Room) -> None:
        """References construct their modules: what they show of themselves. Raises ReferenceFault
        where they cannot be run."""
        first, second = room.references[:2]
        name, tolerance = room.task.origin or room.task.name, tolerance_of(room.workload)
        try:
            work = self._beside.submit(self._known.work, room)
            ahead = soundness.first_of(len(room.references))
            begun = [
                self._beside.submit(seat.begin, room.order, calls)
                for seat, calls in zip(room.references, ahead, strict=True)
            ]
            inputs = all_of(begun)[0]
            one = first.call(FIRST)
            one = soundness.extended(one, room.references, room.order) if room.weights else one
            if one.odd or not one.outputs:
                raise ReferenceFault(f"{name}: {soundness.returned(one)}")
            if why := soundness.unsteady(first, second, one, tolerance):
                raise ReferenceFault(f"{name}: {why}")
            one = self._varied(room, inputs, one)
            self._known_of(room, one, work)
            self._known.show(room)
            if self._device != "cpu":
                room.alone = alone(room.references, partial(unseen, room))
        except Failed as failure:
            raise ReferenceFault(f"{name}: {soundness.blamed(failure, self._device)}") from failure

    def _varied(
        self, room: Room, inputs: Sequence[Mapping[str, Any] | None], one: Answer
    ) -> Answer:
        """Its first answer, to inputs of which none is the same in all sets that may be another.

        Raises Failed.
        """
        room.names = [str(i["name"]) if i is not None else "" for i in inputs]
        size = room.input_bytes = sum(bytes_of(i) for i in inputs if i is not None)
        room.exact = room.exact and size <= rules()["limits"]["exact_bytes"]
        floats = any(i is not None and i["dtype"].startswith(CONTINUOUS) for i in inputs)
        room.floats = floats and not self._known.bare(room)
        first, *others = room.references
        if not room.weights or not first.ways:
            return one
        how = self._known.varied(room, first, one, tolerance_of(room.workload))
        if not how:
            return one
        room.order["varied"] = how
        all_of([self._beside.submit(seat.vary, how) for seat in (first, *others)])
        return first.call(FIRST)

    def _known_of(self, room: Room, one: Answer, work: Future[Work]) -> None:
        """What its first answer tells, and others like it. Raises Failed."""
        first, tolerance = room.references[0], tolerance_of(room.workload)
        room.specs = [
            {"shape": list(o.shape), "dtype": o.dtype, "strides": list(o.strides)}
            for o in one.outputs
        ]
        if self._device == "cpu" and (why := too_much(room, 2 * PAIRS)):
            raise InputError(f"{room.task.origin or room.task.name}: {why}")
        # Whole numbers are mixed one by one: so are answers that are made of each by itself.
        mixed = mixtures(room)
        first.ahead(soundness.others(mixed if room.sets > 1 else [], room.floats, room.exact))
        room.mixes = room.floats and room.sets > 1 and soundness.valid(first, mixed, one)
        room.scales = room.floats and soundness.valid(first, [soundness.HALF], one)
        uneven = [soundness.UNEVEN]
        room.uneven = room.scales and not coarse(one) and soundness.valid(first, uneven, one)
        if room.exact:
            room.exact, room.own = soundness.oracle(first, one, tolerance)
        room.own = replace(room.own, terms=work.result().terms)
        if room.mixes and room.order["varied"]:
            room.mixes = soundness.sound(first, mixed[0], one, room.exact, tolerance)
        accepts, told = self._known.accepts(room, first, one, self._factor(), tolerance)
        if told:
            room.signed = True
            room.labels = (
                *room.labels,
                f"signed: of inputs without random signs it would accept {accepts}",
            )
        if accepts and not told:
            room.labels = (*room.labels, f"degenerate: it accepts {accepts}")
        else:  # its algebra does not explain itself: a floor would reject who sees through it
            room.floor, room.floor_reason = self._known.floor(work.result())

    def _factor(self) -> float:
        return float(rules()["policy"][self.policy]["factor"])

    def _checking(self, room: Room, seat: Seat) -> Checking:
        return Checking(room, seat, rules()["policy"][self.policy])

    def _timed(self, room: Room, seat: Seat, twins: Sequence[Seat]) -> Timing:
        """Raises Failed, Rejected."""
        all_of([twin.beginning or self._beside.submit(twin.begin) for twin in twins])
        seats = [seat, *twins]
        rng, tolerance = room.rng, tolerance_of(room.workload)

        def check(known: Seat, which: Which, got: Answer, want: Answer) -> Diagnostic | None:
            factor, own = self._factor(), room.own
            result = settled(known, which, got, want, None, factor, tolerance, own)
            if result.good:
                return next(iter(probes.manners(got, want, room.names)), None)
            what = result.notes[0].message if result.notes else result.mismatches[0].pattern
            return Diagnostic(
                "right when it is looked at, and wrong while it is timed: "
                f"{100 * result.share:.3g} % of the elements match" + (f"; {what}" if what else ""),
                code="timed-wrong",
            )

        for twin in twins:
            twin.common = seat.common

        def refresh() -> Fresh:
            return Fresh(secret_seed(rng) if seat.common else None, new_sets(room))

        kept = sum(bytes_of(s) for s in room.specs)
        place = "kept_bytes" if self._device == "cpu" else "kept_bytes_on_device"
        most = max(1, rules()["limits"][place] // max(1, kept))
        if not room.mixes:
            most = min(most, room.sets)
        bench = Bench(
            room.references[: len(seats)], tuple(seats), partial(unseen, room),
            lambda of: int(rng.integers(of)), check, refresh, self._device, self._seconds,
            kept + room.input_bytes, most, alone=room.alone,
        )  # fmt: skip
        return replace(timing(bench, room.floor), floor_reason=room.floor_reason)
