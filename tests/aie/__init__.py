"""The vector operations: their meaning, and kernels that use them."""
