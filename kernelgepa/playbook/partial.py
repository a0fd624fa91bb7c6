"""Emits what lives on from trip to trip: partial results of the lanes, and what joins them."""

from __future__ import annotations

import re

from kernelgepa.playbook.emit import Emitter
from kernelgepa.playbook.expressions import Node, Unsupported, stripped
from kernelgepa.playbook.kinds import BF16, BOOL, F32, I8, I16, I32, INTEGERS, U32, Kind
from kernelgepa.playbook.reductions import TRUTH, Best, Reduced, Rounded, Scanned

_JOINS = {"add": "add", "min": "min", "max": "max", "and": "bit_and", "or": "bit_or",
          "xor": "bit_xor"}  # fmt: skip


def lanes_name(name: str, chain: int) -> str:
    """The vector that holds the partial results of one chain."""
    return re.sub(r"\W+", "_", name).strip("_") + f"_lanes{chain}"


def collected(emitters: list[Emitter], reduced: Reduced) -> list[str]:
    """Adds the vectors of partial results; returns what follows the loop."""
    names = [lanes_name(reduced.name, n) for n in range(len(emitters))]
    op = TRUTH.get(reduced.op, reduced.op)
    if op == "mul":
        return _products(emitters, reduced, names)
    if op == "add":
        return _sums(emitters, reduced, names)
    kind = _kind(reduced)
    for emitter, name in zip(emitters, names, strict=True):
        value = (
            emitter.real(reduced.value, "b" if kind == BF16 else "f")
            if kind.floating
            else emitter.integer(reduced.value, kind)
        )
        if op != "xor":
            first = f"aie::broadcast<{emitter.vector(kind)}>(({kind.name})({reduced.name}))"
        else:
            first = f"aie::zeros<{emitter.vector(kind)}>()"
        emitter.constants.lines.append(f"auto {name} = {first};")
        emitter.body.append(f"{name} = aie::{_JOINS[op]}({name}, {value});")
    joined = _joined(names, _JOINS[op])
    if op in ("min", "max"):
        return [f"{reduced.name} = aie::reduce_{op}({joined});"]
    return _bits(emitters[0], reduced, joined, op, kind)


def _bits(emitter: Emitter, reduced: Reduced, joined: str, op: str, kind: Kind) -> list[str]:
    """There is no reduction of bits: halves are joined until one lane is left."""
    vector = f"{lanes_name(reduced.name, 0)}_all"
    lines = [f"auto {vector} = {joined};"]
    half = emitter.lanes // 2
    while half:
        shifted = f"aie::shuffle_down_rotate({vector}, {half})"
        lines.append(f"{vector} = aie::{_JOINS[op]}({vector}, {shifted});")
        half //= 2
    sign = " ^=" if op == "xor" else " ="
    lines.append(f"{reduced.name}{sign} ({kind.name}){vector}.get(0);")
    return lines


def _kind(reduced: Reduced) -> Kind:
    if reduced.kind == BOOL:
        return INTEGERS[2]
    if reduced.kind.floating:
        return BF16 if stripped(reduced.value).exact else F32
    return reduced.kind


def _joined(names: list[str], function: str) -> str:
    joined = names[0]
    for name in names[1:]:
        joined = f"aie::{function}({joined}, {name})"
    return joined


def _sums(emitters: list[Emitter], reduced: Reduced, names: list[str]) -> list[str]:
    node = reduced.value
    if reduced.kind.floating:
        for emitter, name in zip(emitters, names, strict=True):
            emitter.touched(F32)
            emitter.constants.lines.append(
                f"auto {name} = aie::zeros<accfloat, {emitter.lanes}>();"
            )
            factors = emitter.narrow_product(node)
            emitter.body.append(
                f"{name} = aie::mac({name}, {factors[0]}, {factors[1]});"
                if factors
                else f"{name} = aie::add({name}, {emitter.real(node, 'a')});"
            )
        total = f"aie::reduce_add({_joined(names, 'add')}.to_vector<float>())"
        return [f"{reduced.name} += {total};"]
    wide = U32 if reduced.kind == U32 else I32
    products = [_integer_product(e, node) for e in emitters]
    for emitter, name, product in zip(emitters, names, products, strict=True):
        # an accumulator has twice a register's lanes: 32 of 32 bits, which one instruction fills
        emitter.touched(I16 if product and product[2] < 32 else I32)
        if product:
            tag = "acc32" if product[2] < 32 else "acc64"
            emitter.constants.lines.append(f"auto {name} = aie::zeros<{tag}, {emitter.lanes}>();")
            emitter.body.append(f"{name} = aie::mac({name}, {product[0]}, {product[1]});")
        else:
            zero = f"aie::zeros<{emitter.vector(wide)}>()"
            emitter.constants.lines.append(f"auto {name} = {zero};")
            emitter.body.append(f"{name} = aie::add({name}, {emitter.integer(node, wide)});")
    joined = _joined(names, "add")
    if products[0]:
        joined = f"{joined}.to_vector<int32_t>(0)"
    return [f"{reduced.name} += ({reduced.kind.name})aie::reduce_add({joined});"]


def _integer_product(emitter: Emitter, node: Node) -> tuple[str, str, int] | None:
    """Factors of a product, or a narrow value and one; None where adding is as good."""
    inner = stripped(node)
    factors = inner.args if inner.op == "mul" else (inner,)
    if inner.kind.floating or inner.kind == BOOL or inner.op == "select":
        return None
    at = [emitter.fitting((f,), I8) for f in factors]
    bits = max(k.bits for k in at)
    if len(factors) == 1 and bits == 32:
        return None
    made = []
    for factor, kind in zip(factors, at, strict=True):
        same = next(k for k in INTEGERS if k.bits == bits and k.signed == kind.signed)
        made.append(emitter.integer(factor, same))
    if len(made) == 1:
        one = next(k for k in INTEGERS if k.bits == bits)
        made.append(emitter.constant(f"aie::broadcast<{emitter.vector(one)}>(1)"))
    return made[0], made[1], bits


def _products(emitters: list[Emitter], reduced: Reduced, names: list[str]) -> list[str]:
    kind = reduced.kind
    if kind == BF16:
        raise Unsupported(f"{reduced.name} is rounded in every trip")
    at = kind if kind.floating else (U32 if kind == U32 else I32)
    for emitter, name in zip(emitters, names, strict=True):
        emitter.constants.lines.append(f"auto {name} = aie::broadcast<{emitter.vector(at)}>(1);")
        value = (
            emitter.real(reduced.value, "f") if at.floating else emitter.integer(reduced.value, at)
        )
        emitter.body.append(f"{name} = aie::mul({name}, {value}).to_vector<{at.name}>();")
    joined = names[0]
    for name in names[1:]:
        joined = f"aie::mul({joined}, {name}).to_vector<{at.name}>()"
    return [f"{reduced.name} *= ({kind.name})aie::reduce_mul({joined});"]


def best(emitters: list[Emitter], one: Best) -> list[str]:
    """The lanes' best values and their places; the first (or last) place of the best of all."""
    value = one.value
    kind = (
        (BF16 if value.exact else F32)
        if value.kind.floating
        else emitters[0].fitting((value,), value.kind)
    )
    values = [lanes_name(one.name + "_best", n) for n in range(len(emitters))]
    places = [lanes_name(one.name, n) for n in range(len(emitters))]
    for emitter, top, place in zip(emitters, values, places, strict=True):
        emitter.touched(I32)
        text = (
            emitter.real(value, "b" if kind == BF16 else "f")
            if kind.floating
            else (emitter.integer(value, kind))
        )
        first = f"aie::broadcast<{emitter.vector(kind)}>(({kind.name})({one.first}))"
        emitter.constants.lines += [
            f"auto {top} = {first};",
            f"auto {place} = aie::broadcast<{emitter.vector(I32)}>((int32_t)({one.name}));",
        ]
        index = emitter.integer(one.index, I32)
        better = emitter.temporary(f"aie::{one.op}({text}, {top})")
        emitter.body.append(f"{top} = aie::select({top}, {text}, {better});")
        emitter.body.append(f"{place} = aie::select({place}, {index}, {better});")
    extremum = "max" if one.op in ("gt", "ge") else "min"
    place, far = ("min", I32.high) if one.op in ("gt", "lt") else ("max", -1)
    lanes = emitters[0].lanes
    final = lanes_name(one.name, 0) + "_best"
    lines = [f"const auto {final} = aie::reduce_{extremum}({_joined(values, extremum)});"]
    chosen = [
        f"aie::select(aie::broadcast<int32_t, {lanes}>({far}), {p}, aie::eq({v}, {final}))"
        for v, p in zip(values, places, strict=True)
    ]
    lines.append(f"{one.name} = aie::reduce_{place}({_joined(chosen, place)});")
    return lines


def rounded(emitter: Emitter, one: Rounded) -> list[str]:
    """Lane 0 of an accumulator adds up the lanes in order: the chain never leaves the vectors."""
    name, lanes = lanes_name(one.name, 0), emitter.lanes
    first = f"aie::broadcast<{emitter.vector(BF16)}>({one.name})"
    emitter.constants.lines.append(f"aie::accum<accfloat, {lanes}> {name}({first});")
    value = emitter.real(one.value, "f")
    for lane in range(lanes):
        moved = f"aie::shuffle_down({value}, {lane})" if lane else value
        total = f"aie::add({name}, {moved}).to_vector<bfloat16>()"
        emitter.body.append(f"{name} = aie::accum<accfloat, {lanes}>({total});")
    return [f"{one.name} = {name}.to_vector<bfloat16>().get(0);"]


def scan(emitter: Emitter, one: Scanned) -> list[str]:
    """Every lane's running value, by steps of 1, 2, 4 and so on; the last lane goes to the next."""
    kind, lanes = one.kind, emitter.lanes
    if kind == BF16 and one.op == "add":
        raise Unsupported(f"{one.name} is rounded in every trip")
    carry = lanes_name(one.name, 0)
    emitter.constants.lines.append(
        f"auto {carry} = aie::broadcast<{emitter.vector(kind)}>({one.name});"
    )
    if one.op == "add":
        neutral = emitter.constant(f"aie::zeros<{emitter.vector(kind)}>()")
    now = _plain(emitter, one.value, kind)
    step = 1
    while step < lanes:
        fill = neutral if one.op == "add" else f"aie::broadcast<{kind.name}, {lanes}>({now}.get(0))"
        moved = emitter.temporary(f"aie::shuffle_up_fill({now}, {fill}, {step})")
        now = _both(emitter, one, now, moved)
        step *= 2
    after = _both(emitter, one, now, f"{carry}")
    emitter.known(one.after, kind, after)
    emitter.known(one.before, kind, emitter.temporary(f"aie::shuffle_up_fill({after}, {carry}, 1)"))
    return [f"{one.name} = {carry}.get(0);"]


def carried_on(emitter: Emitter, one: Scanned) -> None:
    """The last lane's value, in all lanes, for the next trip."""
    kind, carry = one.kind, lanes_name(one.name, 0)
    last = f"{emitter.known_text(one.after)}.get({emitter.lanes - 1})"
    emitter.body.append(f"{carry} = aie::broadcast<{emitter.vector(kind)}>({last});")


def _plain(emitter: Emitter, node: Node, kind: Kind) -> str:
    if kind.floating:
        return emitter.real(node, "b" if kind == BF16 else "f")
    return emitter.integer(node, kind)


def _both(emitter: Emitter, one: Scanned, a: str, b: str) -> str:
    if one.op == "add" and one.kind.floating:
        whole = f"aie::accum<accfloat, {emitter.lanes}>"
        return emitter.temporary(f"aie::add({whole}({a}), {b}).to_vector<float>()")
    return emitter.temporary(f"aie::{one.op}({a}, {b})")
