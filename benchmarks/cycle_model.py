"""The cycle model against derivations by hand (exact), and against hardware (within 10 %).

Both tables are also asserted by the tests in tests/model, whose kernels these are.
"""

from __future__ import annotations

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1] / "tests"
TOLERANCE = 0.10


def by_hand() -> None:
    from model.measure import derivations, figures, measured  # noqa: PLC0415

    print("cycle model: derived by hand from the cost table = modelled")
    print(f"{'micro-kernel':28} {'figure':12} {'by hand':>8} {'model':>8}  equal")
    wrong = 0
    for row in derivations():
        found = figures(measured(row.name))
        for figure, expected in row.figures.items():
            same = found.get(figure) == expected
            wrong += not same
            print(
                f"{row.name:28} {figure:12} {expected:8} {found.get(figure)!s:>8}  "
                f"{'yes' if same else 'NO'}"
            )
    print(f"{len(derivations())} micro-kernels, {wrong} figures differ")


def by_hardware() -> None:
    from model.measure import hardware, profile  # noqa: PLC0415

    print("cycle model: measured on hardware (AIE2) against modelled")
    print(f"{'kernel':24} {'measured':>9} {'modelled':>9} {'ratio':>6}  within 10 %  device")
    for row in hardware():
        modelled = profile(row.source, row.buffers).cycles
        ratio = modelled / row.cycles
        good = "yes" if abs(ratio - 1) <= TOLERANCE else "NO"
        print(f"{row.name:24} {row.cycles:9} {modelled:9} {ratio:6.3f}  {good:11}  {row.device}")


def main(arguments: list[str] | None = None) -> None:
    """Prints both tables."""
    sys.path.insert(0, str(TESTS))
    try:
        by_hand()
        print()
        by_hardware()
    finally:
        sys.path.remove(str(TESTS))


if __name__ == "__main__":
    main()
