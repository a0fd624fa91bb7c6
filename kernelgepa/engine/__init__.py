"""The GEPA engine: archive, decisions, budgets, journal, loop. It knows nothing of kernels."""
