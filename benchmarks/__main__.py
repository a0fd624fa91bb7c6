"""Prints every table."""

from benchmarks import cycle_model, evaluation

for module in (cycle_model, evaluation):
    module.main()
    print()
