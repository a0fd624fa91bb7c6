"""What a kernel's IR must not hold: constructs the tile does not have, and tricks on the tools."""

from __future__ import annotations

import re

VECTOR_BITS = 4096
INTEGER_BITS = 128

# Intrinsics that keep their meaning on the tile.
_MEANT = """
    memcpy memmove memset memcpy.inline memset.inline lifetime.start lifetime.end assume
    experimental.noalias.scope.decl fabs minnum maxnum minimum maximum minimumnum maximumnum fma
    fmuladd floor ceil trunc rint nearbyint round roundeven sqrt exp exp2 exp10 log log2 log10 sin
    cos tan asin acos atan atan2 sinh cosh tanh pow copysign smax smin umax umin abs ctpop ctlz
    cttz bswap bitreverse fshl fshr sadd.sat uadd.sat ssub.sat usub.sat sshl.sat ushl.sat
    sadd.with.overflow uadd.with.overflow ssub.with.overflow usub.with.overflow
    smul.with.overflow umul.with.overflow scmp ucmp fptosi.sat fptoui.sat is.fpclass trap ubsantrap
    expect lround lrint llround llrint canonicalize ldexp frexp dbg.value dbg.declare
    invariant.start invariant.end donothing sideeffect
"""
INTRINSICS = frozenset(_MEANT.split())
# Those of them that the cost model prices by the width of a vector.
_PRICED = "smax smin umax umin abs fabs copysign sadd.sat uadd.sat ssub.sat usub.sat fshl fshr"
_VECTOR_INTRINSICS = frozenset(_PRICED.split())
# (pattern, what it is): text that never belongs in a kernel's IR.
_ANYWHERE = tuple(
    (re.compile(pattern), what)
    for pattern, what in (
        (r"\bx86_fp80\b|\bfp128\b", "long double"),
        (r"\bhalf\b", "_Float16"),
        (r"\bcall\b[^(]*\basm\b", "inline assembly"),
        (r"^(?:%\S+ = )?(?:atomicrmw|cmpxchg|fence)\b| atomic ", "an atomic operation"),
        (
            r"\b(?:indirectbr|callbr|invoke|landingpad|resume|blockaddress)\b",
            "a computed jump or an exception",
        ),
        (r"\bmusttail\b", "a guaranteed tail call"),
        (r"\bva_arg\b|@llvm\.va_", "variadic arguments"),
        (
            r"\b(?:x86_\w*cc|win64cc|x86_64_sysvcc|preserve_\w+cc|swift\w*cc|anyregcc|cc \d+)\b",
            "a calling convention of the host",
        ),
        (r"\baddrspace\(\d", "a second address space"),
    )
)
_SUSPECT = re.compile("|".join(pattern.pattern for pattern, _ in _ANYWHERE))  # one search for most
_GLOBAL = (
    (re.compile(r"^@llvm\.global_(?:ctors|dtors)"),
     "code that runs before the kernel (a constructor or a dynamic initialiser)"),
    (re.compile(r"^module asm"), "inline assembly"),
    (re.compile(r"^@[^=]+= .*\b(?:alias|ifunc)\b"), "a symbol alias"),
    (re.compile(r'^@[^=]+= .*\bsection "'), "a section attribute"),
    (re.compile(r"^@[^=]+= .*\bthread_local\b"), "thread-local storage"),
    (re.compile(r"^@[^=]+= .*\bexternal\b"), "an external variable"),
)  # fmt: skip
_STRING = re.compile(r'c"[^"]*"')
_WIDTH = re.compile(r"\bi(\d{3,})\b")
_VECTOR = re.compile(r"<(\d+) x (?:i(\d+)|(bfloat|float|double|ptr))>")
_ELEMENT_BITS = {"bfloat": 16, "float": 32, "double": 64, "ptr": 32}
_ARITHMETIC = re.compile(
    r"= (?:add|sub|mul|[us]div|[us]rem|ashr|xor|icmp)\b|@llvm\.(?!mem|lifetime)|[fsu]itofp|fpto"
)
_DECLARED = re.compile(r"^declare [^@\n]*@([\w.$-]+)\(", re.MULTILINE)
_NAMED = re.compile(r"@([\w.$-]+)(?![\w.$(-])")  # not where it is called
_NAME = re.compile(r"^(?:[\w.$-]|\\[89A-F][0-9A-F])+$")
_OF_THE_HEADERS = frozenset({"_ZN3aie6detailL8roundingE", "_ZN3aie6detailL10saturationE"})


class Refused(Exception):
    """The IR holds something the tile does not have. `construct` names it; `line` in the source."""

    def __init__(self, construct: str, line: int | None = None) -> None:
        super().__init__(construct)
        self.construct = construct
        self.line = line


def check_line(text: str, where: int | None) -> None:
    """Raises Refused for a line of a function, or its head."""
    if _SUSPECT.search(text):
        raise Refused(next(what for pattern, what in _ANYWHERE if pattern.search(text)), where)
    for width in _WIDTH.findall(text):
        if int(width) > INTEGER_BITS or _ARITHMETIC.search(text):
            raise Refused(f"integers of {width} bits", where)
    for count, bits, kind in _VECTOR.findall(text):
        size = int(count) * (int(bits) if bits else _ELEMENT_BITS[kind])
        if size > VECTOR_BITS:
            raise Refused(f"vectors of {size} bits", where)


def check_global(text: str) -> None:
    """Raises Refused for a line outside functions: a variable, a type, an attribute group."""
    plain = _STRING.sub('c""', text)
    for pattern, what in (*_GLOBAL, *_ANYWHERE):
        if pattern.search(plain):
            raise Refused(what)


def check_attributes(text: str) -> None:
    """Raises Refused for an attribute of functions that would take their prologue away."""
    if re.search(r"\bnaked\b", text):
        raise Refused("functions without a prologue (naked)")


def check_pointers(ir: str) -> None:
    """Refuses pointers to functions of the library: a call through one could not be priced."""
    declared = set(_DECLARED.findall(ir))
    if not declared:
        return
    for line in ir.split("\n"):
        row = line.strip()
        if not row or row[0] in ";!" or row.startswith(("declare ", "define ", "source_")):
            continue
        named = _NAMED.findall(_STRING.sub('c""', row))
        taken = sorted(declared.intersection(named))
        if taken and not taken[0].startswith("llvm."):
            raise Refused(
                f"a pointer to {taken[0]}, a function of the library; call it by its name"
            )


def check_symbol(name: str) -> None:
    """Refuses names that mean something to the linker, the tile or the cost model.

    Quoted names reach a linker's command file, and a leading \\01 would name a function of the
    tile's own.
    """
    plain = name.strip('"')
    if not _NAME.match(plain):
        raise Refused("a symbol whose name is not an identifier")
    if plain.startswith("llvm."):
        raise Refused(f"a definition of {plain}, which belongs to the compiler")
    if plain.startswith("__kg_"):
        raise Refused(f"a definition of {plain}, which belongs to the simulator")
    if plain.startswith("_ZN3aie6detailL") and plain not in _OF_THE_HEADERS:
        raise Refused("variables in the namespace aie::detail, which belongs to the API")


def check_intrinsic(name: str) -> None:
    """Refuses compiler intrinsics without a meaning, or without a price, on the core."""
    base = name.removeprefix("llvm.")
    found = [i for i in INTRINSICS if base == i or base.startswith(i + ".")]
    if not found or (re.search(r"\.v\d+[if]", base) and not _VECTOR_INTRINSICS.intersection(found)):
        raise Refused(f"the compiler intrinsic {name}, which the core does not have")
