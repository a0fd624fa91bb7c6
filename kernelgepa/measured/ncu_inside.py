"""What ncu is run on, in the sandbox: one call of a candidate, or a small kernel of torch."""

from __future__ import annotations

from pathlib import Path


def main(what: str, device: str) -> None:
    """`what`: "candidate", constructed as a worker would, or "probe"."""
    import torch  # noqa: PLC0415

    from kernelgepa.measured.profiling import bracketed  # noqa: PLC0415

    if what == "probe":
        numbers = torch.ones(1 << 20, device=device)
        bracketed(lambda: numbers.add_(1))
        return
    from kernelgepa.measured import wire, worker  # noqa: PLC0415
    from kernelgepa.measured.ncu import ORDER  # noqa: PLC0415
    from kernelgepa.measured.seat import Which  # noqa: PLC0415

    worker.serve(Path(ORDER).read_bytes())
    worker.serve(wire.pack({"do": "profile", "of": Which(0).plain(), "bracketed": True}))
