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


def _nested_types(depth: int) -> str:
    lines = [f"typedef A{i - 1} A{i}[1];" for i in range(1, depth)]
    use = "*(volatile int8_t *)&g = in[0]; out[0] = *(volatile int8_t *)&g;"
    return (
        f"{HEADER}typedef int8_t A0[1];\n" + "\n".join(lines) + f"\nstatic A{depth - 1} g;\n"
        f"{_SIGNATURE} {{ {use} }}\n"
    )


def _in_body(text: str) -> str:
    return f"{HEADER}{_SIGNATURE} {{ {text} }}\n"


def _concepts(depth: int) -> str:
    lines = ["template <class T> concept B0 = sizeof(T) > 0;"]
    lines += [
        f"template <class T> concept B{i} = B{i - 1}<T *> && B{i - 1}<T &>;"
        for i in range(1, depth)
    ]
    return HEADER + "\n".join(lines) + f"\nstatic_assert(B{depth - 1}<int>);\n" + COPY


def _stringified(depth: int) -> str:
    lines = ["#define S_(x) #x", "#define S(x) S_(x)", "#define L0 aaaaaaaaaaaaaaaa"]
    lines += [f"#define L{i} L{i - 1} L{i - 1}" for i in range(1, depth)]
    return HEADER + "\n".join(lines) + f"\nstatic const char s[] = S(L{depth - 1});\n" + COPY


def _jumps(count: int) -> str:
    """A loop of jumps that enters itself everywhere."""
    steps = [
        f"l{i}: if ((x = x * 7 + {i}) & 1) goto l{(i * 7 + 3) % count}; out[{i % 64}] = x;"
        for i in range(count)
    ]
    return _in_body("int x = in[0];\n" + "\n".join(steps))


def _long_symbol(depth: int) -> str:
    lines = [f"using P{i} = P<P{i - 1}, P{i - 1}>;" for i in range(1, depth)]
    return (
        HEADER + "template <class... T> struct P {};\nusing P0 = P<int>;\n"
        "template <class A> __attribute__((noinline)) int f(int x, A *) { return x + 1; }\n"
        + "\n".join(lines)
        + f"\n{_SIGNATURE} {{ P{depth - 1} *p = nullptr; out[0] = f(in[0], p);"
        " for (int i = 1; i < 64; i++) out[i] = f(in[i], p); }\n"
    )


def _many_parameters(count: int) -> str:
    declared = ", ".join(f"int a{i}" for i in range(count))
    return (
        f"{HEADER}__attribute__((noinline)) int f({declared}) {{ return a0 + a{count - 1}; }}\n"
        f"{_SIGNATURE} {{ out[0] = f({', '.join(['in[0]'] * count)}); }}\n"
    )


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
    "types_nested": _nested_types(3000),
    "minus_chain": _in_body("int x = " + "- " * 60_000 + "in[0]; out[0] = x;"),
    "cast_chain": _in_body("out[0] = " + "(int)" * 45_000 + "in[0];"),
    "sum_chain": _in_body("out[0] = " + "in[0] + " * 40_000 + "in[0];"),
    "template_nesting": HEADER
    + "template <class T> struct W {};\n"
    + "W<" * 20_000
    + "int"
    + ">" * 20_000
    + " w;\n"
    + COPY,
    "condition_nesting": HEADER + "#if " + "(" * 60_000 + "1" + ")" * 60_000 + "\n#endif\n" + COPY,
    "lambda_nesting": _in_body("[&] {" * 200 + "out[0] = in[0];" + "}();" * 200),
    "namespace_nesting": HEADER + "namespace n {" * 15_000 + "}" * 15_000 + COPY,
    "concept_bomb": _concepts(30),
    "stringify_bomb": _stringified(26),
    "argument_bomb": HEADER
    + "#define A(x) x x x x x x x x x x\n"
    + _in_body("int y = 0;" + "A(" * 12 + "y++;" + ")" * 12 + "out[0] = y;"),
    "jumps_everywhere": _jumps(40),
    "symbol_of_a_page": _long_symbol(11),
    "parameters": _many_parameters(600),
    "functions": HEADER
    + "".join(
        f"__attribute__((used, noinline)) int f{i}(int x) {{ return x + {i}; }}\n"
        for i in range(2500)
    )
    + COPY,
    "errors_of_a_file": _in_body("\n".join(f"u{i};" for i in range(20_000))),
    "line_of_200_kilobytes": _in_body("undeclared; /*" + "x" * 200_000 + "*/"),
    "name_of_100_kilobytes": _in_body("a" * 100_000 + ";"),
    "message_of_100_kilobytes": HEADER + "#error (anonymous" + " at" * 33_000 + "\n" + COPY,
    "message_of_quotes": HEADER + "#error " + "' (aka '" * 12_000 + "\n" + COPY,
    "message_of_paths": HEADER + "#error " + "/-" * 50_000 + "\n" + COPY,
    "message_of_types": HEADER + "#error " + "is_same_v<a<b>" * 8_000 + "\n" + COPY,
    "message_of_lines": HEADER
    + "#error a\u2028kernel.cc:1:1: error: b\u2029c\x0bd\x1ce\x85f\n"
    + COPY,
    "name_with_marks": HEADER + "int a" + "\u0301" * 20_000 + ";\n" + COPY,
    "name_with_direction": HEADER + "int a\u202eb;\n" + COPY,
    "name_without_width": HEADER + "int a\u200bb = un\u200bdeclared;\n" + COPY,
    "name_that_looks_alike": HEADER + "void \u043a(int8_t *in, int8_t *out) {}\n",
    "comment_with_direction": HEADER + "/* \u202e } \u2066 if (x) */\n" + COPY,
    "lines_ended_by_returns": (HEADER + COPY).replace("\n", "\r"),
    "lines_ended_twice": (HEADER + COPY).replace("\n", "\r\n"),
    "marked_as_utf8": "\ufeff" + HEADER + COPY,
}
