"""Where the headers of CUDA are: those NVRTC carries itself, else a wheel's or a toolkit's."""

from __future__ import annotations

import ctypes
import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from kernelgepa.errors import InfrastructureError
from kernelgepa.home import cache_home

_PROBE = "cuda_fp16.h"


@cache
def folders() -> tuple[Path, ...]:
    """Include folders, all of one version; empty where none is found: kernels may need none."""
    for folder in _places():
        if (folder / _PROBE).is_file():
            inner = folder / "cccl"
            return (folder, inner) if inner.is_dir() else (folder,)
    return ()


def has_cccl() -> bool:
    """Whether the C++ library of CUDA (cuda/std, cub) is among them."""
    return any((folder / "cuda" / "std").is_dir() for folder in folders())


def _places() -> Iterator[Path]:
    own = _bundled()
    if own is not None:
        yield own
    for base in _wheels():
        yield from sorted(base.glob("cu*/include"), reverse=True)
        yield base / "cuda_runtime" / "include"
    toolkit = _toolkit()
    if toolkit is not None:
        yield toolkit
    triton = importlib.util.find_spec("triton")
    for place in triton.submodule_search_locations or () if triton else ():
        yield Path(place) / "backends" / "nvidia" / "include"


def _wheels() -> tuple[Path, ...]:
    """Where wheels of NVIDIA put their files."""
    spec = importlib.util.find_spec("nvidia")
    return tuple(map(Path, spec.submodule_search_locations or ())) if spec else ()


def _toolkit() -> Path | None:
    """That of a CUDA toolkit, as far as this version of cuda-python can tell."""
    from cuda import pathfinder  # noqa: PLC0415

    find = getattr(pathfinder, "find_nvidia_header_directory", None)
    try:
        found = find("cudart") if find else None
    except RuntimeError:  # a version that does not know the name
        return None
    return Path(found) if found else None


def _bundled() -> Path | None:
    """NVRTC's own headers (13.2 or newer has them), unpacked once for each version."""
    nvrtc = library()
    install = getattr(nvrtc, "nvrtcInstallBundledHeaders", None)
    if install is None:
        return None
    _, major, minor = nvrtc.nvrtcVersion()
    place = cache_home() / "nvrtc" / f"{major}.{minor}"
    try:
        place.mkdir(parents=True, exist_ok=True)
        status = install(str(place).encode(), nvrtc.NVRTC_INSTALL_HEADERS_SKIP_IF_EXISTS)[0]
    except (OSError, RuntimeError):  # not writable; a library older than its bindings
        return None
    return place if int(status) == 0 else None


@cache
def library():  # type: ignore[no-untyped-def]  # a module of Cython
    """The bindings of NVRTC, their library loaded. Raises InfrastructureError."""
    try:
        _preload()
        from cuda.bindings import nvrtc  # noqa: PLC0415

        nvrtc.nvrtcVersion()
    except (ImportError, OSError, RuntimeError) as error:
        raise InfrastructureError(
            f"NVRTC cannot be loaded ({str(error).splitlines()[0]}); "
            "pip install cuda-python nvidia-cuda-nvrtc"
        ) from error
    return nvrtc


def _preload() -> None:
    """Loads the library of a wheel: in a worker, which knows sys.path and no site, the bindings
    would not find it. They take one that is loaded already."""
    for base in _wheels():
        for folder in (*sorted(base.glob("cu*/lib"), reverse=True), base / "cuda_nvrtc" / "lib"):
            if not any(folder.glob("libnvrtc.so.*")):
                continue
            for name in ("libnvrtc-builtins.so.*", "libnvrtc.so.*"):  # it looks for the former
                for file in sorted(folder.glob(name))[-1:]:
                    ctypes.CDLL(str(file), ctypes.RTLD_GLOBAL)
            return
