"""Target `triton`: kernels of Triton and how they are launched, against a module of torch."""
