"""Prints every table, or those named: `python -m benchmarks [cycle-model] [evaluation] ...`."""

import sys

from benchmarks import (
    cuda_compile,
    cycle_model,
    engine_overhead,
    evaluation,
    measured,
    parallel_steps,
    sandbox,
)

TABLES = {
    "cuda-compile": cuda_compile,
    "cycle-model": cycle_model,
    "evaluation": evaluation,
    "engine-overhead": engine_overhead,
    "parallel-steps": parallel_steps,
    "sandbox": sandbox,
    "measured": measured,
}

for name in sys.argv[1:] or TABLES:
    if name not in TABLES:
        sys.exit(f"no table {name!r}; there are {', '.join(TABLES)}")
    TABLES[name].main([])
    print()
