"""A candidate as a file that defines ModelNew: load_inline, and Python for the launches."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence

from kernelgepa.cuda.arguments import Parameters
from kernelgepa.launch import Forward, Spec, export
from kernelgepa.launch.outputs import Shapes
from kernelgepa.launch.spec import LaunchSpec

_HEAD = '''"""{title}

Needs torch with CUDA and nvcc. The class {base} makes the parameters; its forward is not there.
"""
'''
_LAUNCHER = """
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>
#include <cuda_runtime.h>

static void kg_check(cudaError_t status, const char* kernel) {{
    if (status != cudaSuccess)
        throw std::runtime_error(std::string(kernel) + ": " + cudaGetErrorString(status));
}}

// numbers: grid, block, bytes of shared memory; bits: of each argument, in eight bytes.
void kg_launch(int64_t which, std::vector<int64_t> numbers, int64_t stream,
               std::vector<int64_t> bits) {{
    static const char* const names[] = {{{names}}};
    const void* kernel = nullptr;
    switch (which) {{
{cases}
    }}
    const char* name = names[which];
    const dim3 grid(numbers[0], numbers[1], numbers[2]), block(numbers[3], numbers[4], numbers[5]);
    const int shared = static_cast<int>(numbers[6]);
    if (shared > 0)
        kg_check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, shared),
                 name);
    std::vector<void*> places;
    for (int64_t& one : bits) places.push_back(&one);
    kg_check(cudaLaunchKernel(kernel, grid, block, places.data(), shared,
                              reinterpret_cast<cudaStream_t>(stream)), name);
    kg_check(cudaGetLastError(), name);
}}
"""
_BUILD = '''
import inspect as kg_inspect
import os as kg_os
import struct as kg_struct

from torch.utils.cpp_extension import load_inline as kg_load_inline

KG_SOURCE = r{source}
KG_DECLARATION = """
#include <torch/extension.h>
void kg_launch(int64_t, std::vector<int64_t>, int64_t, std::vector<int64_t>);
"""
KG_FLAGS = {flags}


def kg_build():
    more = {{}}
    if "no_implicit_headers" in kg_inspect.signature(kg_load_inline).parameters:
        more["no_implicit_headers"] = True  # the device code needs none of torch's
    return kg_load_inline(
        name={name!r},
        cpp_sources=[KG_DECLARATION],
        cuda_sources=[KG_SOURCE],
        functions=["kg_launch"],
        extra_cuda_cflags=KG_FLAGS,
        **more,
    )


{arch}KG_EXTENSION = kg_build()
KG_FORMS = {{
    "int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i", "uint32": "I",
    "int64": "q", "uint64": "Q", "float16": "e", "float32": "f", "float64": "d", "bool": "?",
}}


def kg_bits(value, kind, kept):
    """An argument in eight bytes, as a number; `kind` "?4" is a number of four bytes."""
    if value is None:
        return 0
    if isinstance(value, kg_torch.Tensor):
        if not value.is_cuda:
            raise RuntimeError("a tensor is not on the device")
        kept.append({plain})
        return kept[-1].data_ptr()
    if kind[0] == "?":
        floats = {{"?2": "float16", "?4": "float32", "?8": "float64"}}
        whole = {{"?1": "int8", "?2": "int16", "?4": "int32", "?8": "int64"}}
        kind = (floats if isinstance(value, float) else whole)[kind]
    if kind == "bfloat16":
        raw = kg_struct.pack("<f", value)
        number = int.from_bytes(raw, "little")
        raw = ((number + 0x7FFF + (number >> 16 & 1)) >> 16).to_bytes(2, "little")
    elif kind == "bool" or "float" in kind:
        raw = kg_struct.pack("<" + KG_FORMS[kind], value)
    elif int(value) != value:
        raise RuntimeError(f"{{value}} is no {{kind}}")
    else:
        raw = kg_struct.pack("<" + KG_FORMS[kind], int(value))
    return int.from_bytes(raw.ljust(8, b"\\0"), "little", signed=True)


def kg_launch(which, grid, block, shared, arguments):
    numbers = [*grid, *(1,) * (3 - len(grid)), *block, *(1,) * (3 - len(block)), shared]
    kept = []
    bits = [kg_bits(value, kind, kept) for value, kind in arguments]
    stream = kg_torch.cuda.current_stream().cuda_stream
    KG_EXTENSION.kg_launch(which, [int(n) for n in numbers], stream, bits)
'''
_CLASS = """

class ModelNew({base}):
{forward}
"""
# What load_inline switches off, and the kernel was compiled with.
_FLAGS = (
    "-O3", "-std=c++17", "-lineinfo", "-U__CUDA_NO_HALF_OPERATORS__",
    "-U__CUDA_NO_HALF_CONVERSIONS__", "-U__CUDA_NO_HALF2_OPERATORS__",
    "-U__CUDA_NO_BFLOAT16_CONVERSIONS__",
)  # fmt: skip


def module(
    title: str,
    code: str,
    kernel: str,
    spec: Spec,
    taken: Forward,
    known: Sequence[Shapes],
    parameters: Mapping[str, Parameters],
) -> str:
    """The file's text. `taken` are forward's parameters, `parameters` those of each kernel.

    Raises InputError.
    """
    outputs = export.wanted(spec, known)

    def launch(index: int, one: LaunchSpec) -> str:
        return _launch(index, one, spec, parameters.get(one.kernel))

    text = device_source(kernel, spec)
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    own = [o for o in spec.options if o.startswith("-arch=sm_")]
    arch = re.sub(r"^-arch=sm_(\d+)(\d)", r"\1.\2", own[-1]) if own else ""
    flags = [*_FLAGS, *(o for o in spec.options if o not in own)]
    parts = [
        _HEAD.format(title=title.replace('"', "'").replace("\\", "/"), base=export.BASE),
        export.base(code),
        export.HELPERS,
        export.table(known) if export.by_reference(spec) else "",
        _BUILD.format(
            source=_raw(text),
            flags=json.dumps(flags),
            name=f"kg_{digest}",
            arch=f'kg_os.environ["TORCH_CUDA_ARCH_LIST"] = {arch!r}\n' if arch else "",
            plain="value.contiguous()" if spec.contiguous else "value",
        ),
        _CLASS.format(
            base=export.BASE,
            forward="\n".join(
                f"    {line}" for line in export.forward(spec, taken, outputs, launch).splitlines()
            ),
        ),
    ]
    return "".join(parts)


def device_source(kernel: str, spec: Spec) -> str:
    """The candidate's source and a launcher for its kernels, for nvcc."""
    kernels = [one.kernel for one in spec.launches]
    cases = "\n".join(
        f"    case {i}: kernel = (const void*)({name}); break;" for i, name in enumerate(kernels)
    )
    names = ", ".join(json.dumps(name) for name in kernels)
    return kernel + "\n" + _LAUNCHER.format(cases=cases, names=names)


def _raw(text: str) -> str:
    """A literal for a raw string where that is possible, so that the source stays readable."""
    if '"""' not in text and not text.endswith(("\\", '"')) and "\r" not in text:
        return f'"""{text}"""'
    return '"" ' + repr(text)  # r"" "..." is one literal


def _launch(index: int, one: LaunchSpec, spec: Spec, parameters: Parameters | None) -> str:
    def printed(parts: Sequence[str]) -> str:
        return f"({''.join(part + ', ' for part in parts)})"

    plain = spec.contiguous
    given = [
        f"({export.python(a.value, plain)}, {_type(a.type, place, parameters)!r})"
        for place, a in enumerate(one.args)
    ]
    shared = "0" if one.shared is None else export.python(one.shared, plain)
    grid, block = ([export.python(e, plain) for e in part] for part in (one.grid, one.block))
    return f"kg_launch({index}, {printed(grid)}, {printed(block)}, {shared}, {printed(given)})"


def _type(given: str, place: int, parameters: Parameters | None) -> str:
    """The type of a number, as far as text and kernel tell: "?4" is one of four bytes."""
    if given:
        return given
    if parameters is None or place >= len(parameters.sizes):
        return "?4"
    size, kind = parameters.sizes[place], parameters.kind(place)
    if kind == "whole" and size in (1, 2, 4, 8):
        return f"int{8 * size}"
    if kind == "float" and size in (2, 4, 8):
        return f"float{8 * size}"
    return f"?{size if size in (1, 2, 4, 8) else 4}"
