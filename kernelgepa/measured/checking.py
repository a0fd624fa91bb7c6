"""Whether a candidate's outputs are right before any call is timed.

Calls are asked for in few messages, as most of a short one is the message: all of the reference,
then the candidate's first, and its others once that was right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kernelgepa.measured import probes
from kernelgepa.measured.jumps import settled
from kernelgepa.measured.outputs import Answer, Compared, same
from kernelgepa.measured.room import Room, checked, secret_seed, tolerance_of
from kernelgepa.measured.seat import Seat, Which, asked
from kernelgepa.verdict import Diagnostic


@dataclass(frozen=True)
class Checking:
    """Of one candidate's process on one workload. `policy`: of rules.toml."""

    room: Room
    seat: Seat
    policy: Mapping[str, Any]

    def found(self) -> tuple[Compared, list[Diagnostic]]:
        """What its outputs are on all sets, scales and mixtures, and what else it does that it may
        not. Raises Failed."""
        room, reference = self.room, self.room.references[0]
        rows = checked(room, self.policy["scales"])
        one, then = (Which(i % room.sets, seed=secret_seed(room.rng)) for i in (0, 1))
        reference.ahead([*self._wanted(rows), asked("call", one), asked("call", one, then=then)])
        wanted = [probes.wanted(reference, options) for options in rows]
        found, notes, earlier = Compared(1.0), list[Diagnostic](), list[Answer]()
        for which, want in wanted:
            if want is None:
                continue
            exact = reference.exact(which) if room.exact else None
            got = self.seat.call(which, room.specs)
            result = self._settled(got, want, exact, which)
            notes += probes.manners(got, want, room.names)
            if not result.good:
                found = result if found.good else found
                if any(same(got, old) for old in earlier):
                    text = "it returns the outputs of an earlier call, for other inputs"
                    notes.append(Diagnostic(text, code="stale"))
                break
            if not earlier:
                left = [w for w, answer in wanted if answer is not None and w is not which]
                self._ahead(left, one, then)
            earlier.append(got)
        if found.good and not notes:
            notes += self._probed(one, then)
        return found, list(dict.fromkeys(notes))

    def _wanted(self, rows: Sequence[Sequence[Which]]) -> list[dict[str, Any]]:
        """What the reference is asked of the first in each row."""
        made = []
        for which, *_ in rows:
            made += [asked("keeps", [which])] if which.scale < 0.0 else []
            made += [asked("call", which)]
            made += [asked("exact", which)] if self.room.exact else []
        return made

    def _ahead(self, left: Sequence[Which], one: Which, then: Which) -> None:
        specs = self.room.specs
        calls = [asked("call", which, specs) for which in left]
        self.seat.ahead([*calls, asked("call", one, specs, then)])

    def _settled(self, got: Answer, want: Answer, exact: Answer | None, which: Which) -> Compared:
        return settled(
            self.room.references[0], which, got, want, exact, float(self.policy["factor"]),
            tolerance_of(self.room.workload), self.room.own, usual=which.scale == 1.0,
        )  # fmt: skip

    def _probed(self, one: Which, then: Which) -> list[Diagnostic]:
        """Whether outputs stay, and follow the parameters. Raises Failed."""
        room, seat, reference = self.room, self.seat, self.room.references[0]
        factor, tolerance = float(self.policy["factor"]), tolerance_of(room.workload)

        def good(got: Answer, want: Answer) -> bool:
            own = room.own
            return settled(reference, one, got, want, None, factor, tolerance, own, False).good

        notes = [probes.overwritten(reference, seat, one, then, room.specs, good)]
        common = probes.common_weights(reference, seat) if room.weights else ()
        for each in (*room.references, seat):
            each.common = common
        if common:
            notes.append(probes.outdated(reference, seat, one, secret_seed(room.rng), good))
        return [note for note in notes if note is not None]
