"""Attacks too large, or too odd in their bytes, to be kept as files."""

from __future__ import annotations

HEADER = "#include <aie_api/aie.hpp>\n"
COPY = "void k(int8_t *in, int8_t *out) { for (int i = 0; i < 64; i++) out[i] = in[i]; }\n"
_SIGNATURE = "void k(int8_t *in, int8_t *out)"


def _chain(depth: int) -> str:
    """Functions that call each other in a chain, none inlined."""
    lines = ["__attribute__((noinline)) int f0(int x) { return x; }"]
    lines += [
        f"__attribute__((noinline)) int f{i}(int x) {{ return {i} * x + f{i - 1}(x - 1); }}"
        for i in range(1, depth)
    ]
    return HEADER + "\n".join(lines) + f"\n{_SIGNATURE} {{ out[0] = f{depth - 1}(in[0]); }}\n"


def _diamonds(depth: int) -> str:
    """Two functions a level that both call both of the level below: 2 ** depth paths."""
    kind = "__attribute__((noinline)) int"
    lines = [f"{kind} {n}0(int x, volatile char *p) {{ return p[2] + x; }}" for n in "fg"]
    for i in range(1, depth):
        both = f"f{i - 1}(x + 1, p) * g{i - 1}(x - 1, p)"
        lines += [
            f"{kind} {n}{i}(int x, volatile char *p) {{ return p[{i}] + {both}; }}" for n in "fg"
        ]
    call = f"if (in[0] == 99) out[0] = f{depth - 1}(in[0], (volatile char *)in);"
    return HEADER + "\n".join(lines) + f"\n{_SIGNATURE} {{ {call} }}\n"


def _branches(count: int) -> str:
    tests = "".join(f"if (in[{i % 64}] == {i % 100}) out[{i % 64}] = 1;" for i in range(count))
    return f"{HEADER}{_SIGNATURE} {{ {tests} }}\n"


GENERATED = {
    "source_empty": "",
    "source_without_the_function": HEADER + "int x;\n",
    "source_with_another_signature": HEADER + "void k(int8_t *in) { in[0] = 1; }\n",
    "source_of_10_megabytes": HEADER + "// padding\n" * 900_000 + COPY,
    "source_with_nul": HEADER + "int a\0b;\n" + COPY,
    "source_not_utf8": HEADER + 'static const char s[] = "\udcff\udcfe";\n' + COPY,
    "source_with_terminal_escapes": HEADER
    + 'void k() { \x1b]0;title\x07 \x1b[2J \u202e undeclared("\x1b[31m\x9b"); }\n#error \x1b[1A\n',
    "source_of_open_comments": HEADER + "/ *" + "/*" * 120_000,
    "source_of_open_strings": HEADER + '"\\' * 120_000,
    "source_of_brackets": HEADER + "int x = " + "(" * 120_000,
    "source_of_braces": HEADER + _SIGNATURE + "{" * 100_000,
    "call_chain": _chain(1200),
    "call_diamonds": _diamonds(40),
    "branches": _branches(1200),
}
