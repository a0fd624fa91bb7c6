"""Kernels whose time is measured: modules of torch, CUDA and Triton kernels, on a GPU or a CPU.

`contract` is the seams, `judge` the verdicts, `worker` what runs beside the candidate.
"""
