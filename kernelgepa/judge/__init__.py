"""The judge: draws inputs nobody can foresee, compares with the reference, says how far it came."""
