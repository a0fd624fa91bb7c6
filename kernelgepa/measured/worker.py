"""In the sandbox: builds a module, gives it inputs drawn from seeds, and times its calls.

One process holds a reference or a candidate, never both. It is told nothing of expected values;
it answers with raw bytes, and what it says of its own time is checked by the judge's clock. Every
message is an operation of `_OPERATIONS` (wire.py says how it looks).
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch

from kernelgepa.measured import (
    clocked,
    demand,
    digest,
    drawing,
    extensions,
    invariants,
    roofline,
    settings,
    varied,
    wire,
)
from kernelgepa.measured.constants import randomised
from kernelgepa.measured.contract import Context, TensorSpec
from kernelgepa.measured.executed import executed, withdraw
from kernelgepa.measured.inputs import Inputs, pool
from kernelgepa.measured.libraries import borrowed, loaded
from kernelgepa.measured.operations import everywhere, operations
from kernelgepa.measured.shaken import shaken
from kernelgepa.measured.tensors import (
    copies,
    described,
    different,
    form,
    is_tensor,
    leaves,
    mapped,
    oddities,
    overlapping,
    poison,
    raw,
    spacious,
    storages,
)
from kernelgepa.measured.weights import Weights


@dataclass
class _State:
    """What one process holds between messages."""

    device: Any = None
    call: Callable[..., Any] = lambda: None
    problem: dict[str, Any] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)  # of the reference's parameters
    inputs: Inputs = field(default_factory=Inputs)
    varied: dict[int, str] = field(default_factory=dict)  # how those vary that would be one
    pool: Any = None  # random bits, from which mixtures are cut
    exact: Any = None  # the module and its inputs in float64
    flush: Callable[[int], Any] = lambda times: None
    home: Callable[[], Any] = lambda: None  # back to the stream that the first call found
    reset: Callable[[], Any] = lambda: None  # of the part of the cache that flushing leaves alone
    kept: list[tuple[str, list[Any]]] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)  # of each
    last: list[Any] = field(default_factory=list)  # outputs of the last timed call
    copies: bool = False  # outputs are kept as copies: later calls write over them
    shared: bool = False  # outputs lay in memory of the call before, still there, or of each other
    filled: Any = None  # what the last timed call was given, until somebody has looked
    changed: set[int] = field(default_factory=set)  # inputs that the last timed calls wrote to
    left: list[int] = field(default_factory=list)  # inputs that are outputs, too
    settings: Mapping[str, Any] = field(default_factory=dict)  # before a candidate was there
    weights: Any = None
    libraries: set[str] = field(default_factory=set)  # the same


_state = _State()
settings.steady_memory()


def serve(message: bytes) -> bytes:
    """One message of the judge. What goes wrong in the problem or candidate is raised."""
    head, blobs = wire.unpack(message)
    return _OPERATIONS[head["do"]](head, {name: bytes(data) for name, data in blobs.items()})


def _seed(number: int) -> None:
    """As torch.manual_seed for what is used here, which walks the stack on every call."""
    random.seed(number)
    torch.default_generator.manual_seed(number)
    if _state.device is not None and _state.device.type == "cuda":
        torch.cuda.manual_seed(number)


def _draw(seeds: list[int]) -> None:
    """Sets of inputs, by the problem's own get_inputs."""
    sets = [varied.varied(_drawn(seed), _state.varied, seed) for seed in seeds]
    _state.inputs = Inputs.of(sets, _state.varied)


def _drawn(seed: int) -> Any:
    _seed(seed)
    drawing.seeded(seed)
    given = drawing.arguments(_state.problem["get_inputs"](), _state.names)
    return mapped(given, drawing.once(_placed))


def _placed(value: Any) -> Any:
    return value.detach().to(_state.device) if is_tensor(value) else value


def _begin(head: dict[str, Any], blobs: dict[str, bytes]) -> bytes:
    """Executes problem and candidate, draws inputs, constructs the module."""
    torch.set_num_threads(head["threads"])
    if head["cores"]:
        os.sched_setaffinity(0, head["cores"])
    settings.tf32(head["tf32"])
    torch.set_grad_enabled(False)
    _state.device = torch.device(head["device"])
    if _state.device.type == "cuda":
        torch.cuda.set_device(_state.device)  # whose streams the clocks, and Triton, take
    _state.problem = executed(head["problem"])
    _state.names = drawing.order(_state.problem["Model"])
    _vary_as(head["varied"], head["base"])
    _state.left = head["left"]
    drawing.taken(_state.problem["Model"], _state.inputs.sets[0])
    _seed(head["pool"])
    _state.pool = pool(_state.inputs).to(_state.device)
    _state.exact = None
    _state.last, _state.copies = [], False
    if _state.device.type == "cuda":
        _state.flush, _state.home, _state.reset = clocked.prepared(_state.device)
    _state.libraries = loaded()
    extensions.give(blobs)
    _seed(head["init"])
    drawing.seeded(head["init"])
    given = _state.problem["get_init_inputs"]()
    # A reference's process is used again: what it has itself set meanwhile still counts as changed.
    _state.settings = _state.settings or settings.taken()
    made = _class(head, blobs)
    _seed(head["init"])
    drawing.seeded(head["init"])
    most = head["constants"] if head["loader"] else None
    drawn: contextlib.AbstractContextManager[Mapping[str, int]] = contextlib.nullcontext({})
    if head["randomise"]:
        drawn = randomised(head["init"], most)
    with drawn as constants:
        module = drawing.construct(made, given)
    if isinstance(module, torch.nn.Module):
        module = module.to(_state.device)
    _state.call = module
    _state.weights = Weights(module)
    _sync()
    given = drawing.told(_state.inputs.sets[0], _state.names)
    ways = [] if head["loader"] else varied.ways(_state.inputs.leaves())
    told = {"inputs": given, "ways": ways, "constants": constants}
    return wire.pack({**told, "weights": _state.weights.digests})


def _compile(head: dict[str, Any], blobs: dict[str, bytes]) -> bytes:
    """Begins, and tells what was compiled meanwhile."""
    made = extensions.record()
    _begin(head, blobs)
    return wire.pack({}, made)


def _forget(head: dict[str, Any], blobs: dict[str, bytes]) -> bytes:
    """What it has been told so far, as if it had just been started."""
    global _state  # noqa: PLW0603
    withdraw()
    _state = _State()
    return wire.pack({})


def _spec(value: Any) -> dict[str, Any] | None:
    return described(value) if is_tensor(value) else None


def _class(head: dict[str, Any], blobs: dict[str, bytes]) -> Callable[..., Any]:
    """The class to construct: the reference's, or what the target's loader makes."""
    if not head["loader"]:
        model: Callable[..., Any] = _state.problem["Model"]
        return model
    module, _, name = head["loader"].partition(":")
    load = getattr(importlib.import_module(module), name)
    specs = tuple(_read(_spec(v)) for v in leaves(_state.inputs.sets[0]))
    outputs = tuple(s for s in map(_read, head["outputs"]) if s is not None)
    problem = dict(_state.problem)
    if head["without_model"]:  # a candidate that replaces it has no use for it
        del problem["Model"], _state.problem["Model"]
        withdraw()
        gc.collect()
    context = Context(problem, specs, outputs, head["device"])
    loaded: Callable[..., Any] = load(head["components"], blobs, context)
    return loaded


def _read(spec: dict[str, Any] | None) -> TensorSpec | None:
    if spec is None:
        return None
    return TensorSpec(tuple(spec["shape"]), spec["dtype"], tuple(spec["strides"]))


def _sync() -> None:
    if _state.device.type == "cuda":
        torch.cuda.synchronize(_state.device)


def _fill(which: dict[str, Any]) -> list[Any]:
    """The leaves of a call's arguments, filled."""
    _state.inputs.fill(which, _state.pool)
    _seed(which["seed"])
    return _state.inputs.flat


def _call(head: dict[str, Any], blobs: dict[str, bytes]) -> bytes:
    """One call, not timed: outputs, and whether inputs or global settings were changed.

    With `then` another call is made before the outputs of the first are read.
    """
    _state.filled = None
    flat = _fill(head["of"])
    before, given = copies(flat), drawing.summed(flat) if _state.device.type == "cpu" else 0
    poison(head["outputs"], _state.device)
    out = _state.call(*_state.inputs.arguments)
    _sync()
    changed = different(before, flat)
    # What it writes into, and does not return: a cache that it keeps for its caller.
    left = [i for i in changed if not storages(flat[i : i + 1]) & storages(leaves(out))]
    out = _left(out, flat)
    if "then" in head:
        _fill(head["then"])
        _state.call(*_state.inputs.arguments)
        _sync()
    more = {"given": given, "changed": changed, "flags": settings.changed(_state.settings)}
    more["left"] = left
    return _answer(out, more)


def _answer(out: Any, more: dict[str, Any]) -> bytes:
    """Outputs as bytes; what is no plain tensor is named."""
    found = [v for v in leaves(out) if v is not None]
    odd = oddities(found)
    if odd:
        return wire.pack({**more, "form": form(out), "odd": odd, "outputs": []})
    specs = [{**described(t), "device": t.device.type} for t in found]
    blobs = {str(i): raw(t) for i, t in enumerate(found)}
    more = {**more, "odd": [], "aliased": overlapping(found)}
    return wire.pack({**more, "form": form(out), "outputs": specs}, blobs)


def _exact(head: dict[str, Any], blobs: dict[str, bytes]) -> bytes:
    """The reference in float64, on the values the buffers have."""
    import copy  # noqa: PLC0415

    def wide(value: Any) -> Any:
        return value.double() if is_tensor(value) and value.is_floating_point() else value

    if _state.exact is None:
        made: Any = _state.call
        _state.exact = copy.deepcopy(made).double()
    _fill(head["of"])
    given = mapped(_state.inputs.arguments, wide)
    return _answer(_left(_state.exact(*given), leaves(given)), {})


def _shaken(head: dict[str, Any], blobs: dict[str, bytes]) -> bytes:
    """The reference with results that are off by a little."""
    flat = _fill(head["of"])
    call = partial(_state.call, *_state.inputs.arguments)
    return _answer(_left(shaken(call, head["seed"], head["by"]), flat), {})


def _left(out: Any, flat: list[Any]) -> Any:
    """Outputs, with what inputs hold by now that the reference leaves its results in."""
    return [out, *(flat[i].clone() for i in _state.left)] if _state.left else out


def _run(head: dict[str, Any], blobs: dict[str, bytes]) -> bytes:
    """Calls timed one by one, each on inputs of its own; outputs are kept for `show`.

    On a GPU with what `ready` does first: who works on that then does so in the message's time.

    Hashes of all outputs belong to the answer, so that none can be made up when it is asked for.
    """
    _state.kept.clear()
    _state.digests.clear()
    _state.shared = False
    _state.changed.clear()
    _ready(head, blobs)
    calls, cuda = head["calls"], _state.device.type == "cuda"
    subject = clocked.Subject(
        _state.call, _state.inputs.arguments, _fill, _keep, _wrote, _state.flush, _state.reset,
        _state.home,
    )  # fmt: skip
    if not cuda:
        said = clocked.on_cpu(subject, calls)
    else:
        said = (clocked.together if head["together"] else clocked.on_gpu)(
            subject, calls, head["flushes"]
        )
    if cuda:
        _state.digests = digest.of_calls([kept for _, kept in _state.kept], False)
    return wire.pack({**said, "shared": _state.shared, "digests": _state.digests})


def _ready(head: dict[str, Any], blobs: dict[str, bytes]) -> bytes:
    """Before calls: with `weights` other parameters, in the memory of those that there were, with
    `base` other sets of inputs."""
    if head["base"] is not None:
        _draw(head["base"])
    if head["weights"] is not None:
        _changed(head["weights"], head["only"])
    return wire.pack({})


def _keep(out: Any, which: dict[str, Any]) -> str:
    out = _left(out, _state.inputs.flat)
    given = [v for v in leaves(out) if is_tensor(v)]
    places = storages(given)
    _state.shared |= bool(places & storages(_state.last)) or (len(given) > 1 and overlapping(given))
    _state.last = given  # as long as it is there, no call is given its memory
    # On a CPU as they are, where they stay: a copy would do what a candidate has left to it, such
    # as to write the rows of a view.
    _state.copies |= _state.shared or _state.device.type == "cuda"
    copied = _state.copies or bool(places & storages(_state.inputs.flat)) or spacious(given)
    kept = [v.detach().clone() if copied else v.detach() for v in given] if which["keep"] else []
    _state.kept.append((form(out), kept))
    _state.filled = which
    if _state.device.type == "cuda":  # where it would have to be waited for
        return ""
    _state.digests += digest.of_calls([kept], True)
    return _state.digests[-1]


def _wrote(which: dict[str, Any]) -> None:
    """Finds out which inputs of that call are no longer what they were."""
    after = copies(_state.inputs.flat)
    _state.changed.update(different(after, _fill(which)))


def _show(head: dict[str, Any], blobs: dict[str, bytes]) -> bytes:
    """The outputs of some of the calls just timed, which inputs they have changed, and which
    settings."""
    if _state.filled is not None:
        _wrote(_state.filled)
        _state.filled = None
    shown, data = list[dict[str, Any]](), dict[str, bytes | memoryview]()
    more = {
        "odd": [],
        "changed": sorted(_state.changed),
        "flags": settings.changed(_state.settings),
    }
    for number, (nested, kept) in enumerate(_state.kept[call] for call in head["calls"]):
        specs = [{**described(t), "device": t.device.type} for t in kept]
        shown.append({**more, "form": nested, "outputs": specs})
        data |= {f"{number}.{i}": raw(t) for i, t in enumerate(kept)}
    return wire.pack({"shown": shown}, data)


def _inputs(head: dict[str, Any], blobs: dict[str, bytes]) -> bytes:
    """The tensors a call would be given."""
    flat = [v for v in _fill(head["of"]) if is_tensor(v)]
    return _answer(flat, {})


def _keeps(head: dict[str, Any], blobs: dict[str, bytes]) -> bytes:
    """Whether inputs have what all sets have in common."""
    given = (_fill(which) for which in head["of"])
    return wire.pack({"kept": invariants.kept(_state.inputs.leaves(), given)})


def _vary(head: dict[str, Any], blobs: dict[str, bytes]) -> bytes:
    """Sets of inputs of which some vary in another way; whether they have what all had."""
    plain = [leaves(_drawn(seed)) for seed in head["base"]]
    _vary_as(head["varied"], head["base"])
    uniform = {place for place, way in _state.varied.items() if way in varied.OF_UNIFORM}
    return wire.pack({"kept": invariants.kept(plain, _state.inputs.leaves(), uniform)})


def _vary_as(how: list[list[Any]], base: list[int]) -> None:
    _state.varied = {int(place): str(way) for place, way in how}
    _draw(base)


def _leave(head: dict[str, Any], blobs: dict[str, bytes]) -> bytes:
    _state.left = head["left"]
    return wire.pack({})


def _changed(seed: int, only: list[str]) -> None:
    """Other parameters, in the memory of those that there were."""
    _state.weights.change(seed, set(only))
    _state.exact = None
    _sync()


def _trace(head: dict[str, Any], blobs: dict[str, bytes]) -> bytes:
    """Names of the ATen operations of one call and how often; what own libraries call."""
    _fill(head["of"])
    count = everywhere if head["everywhere"] else operations
    counts = count(lambda: _state.call(*_state.inputs.arguments))
    _sync()
    return wire.pack({"operations": counts, "borrowed": borrowed(_state.libraries)})


def _profile(head: dict[str, Any], blobs: dict[str, bytes]) -> bytes:
    """Where calls spend their time."""
    from kernelgepa.measured.profiling import bracketed, profiled  # noqa: PLC0415

    def call() -> Any:
        return _state.call(*_state.inputs.arguments)

    _fill(head["of"])
    if head.get("bracketed"):
        return wire.pack(bracketed(call))
    return wire.pack(profiled(call, _state.device, head["calls"]))


def _many(head: dict[str, Any], blobs: dict[str, bytes]) -> bytes:
    """Several messages, one after the other: their answers."""
    made = [_OPERATIONS[one["do"]](one, {}) for one in head["asked"]]
    return wire.pack({}, {str(number): answer for number, answer in enumerate(made)})


_OPERATIONS: dict[str, Callable[[dict[str, Any], dict[str, bytes]], bytes]] = {
    "begin": _begin, "compile": _compile, "call": _call, "exact": _exact, "run": _run,
    "show": _show, "inputs": _inputs, "trace": _trace, "work": roofline.answer,
    "profile": _profile, "keeps": _keeps, "vary": _vary, "ready": _ready, "forget": _forget,
    "demand": demand.answer, "leave": _leave, "shaken": _shaken, "many": _many,
}  # fmt: skip
