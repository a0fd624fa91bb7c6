"""Prints every table, or those named: `python -m benchmarks [cycle-model] [evaluation]`."""

import sys

from benchmarks import cycle_model, evaluation

TABLES = {"cycle-model": cycle_model, "evaluation": evaluation}

for name in sys.argv[1:] or TABLES:
    if name not in TABLES:
        sys.exit(f"no table {name!r}; there are {', '.join(TABLES)}")
    TABLES[name].main()
    print()
