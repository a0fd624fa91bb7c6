"""Names that several parts of the target share."""

FILE = "kernel.cu"  # what the candidate's source is called in messages
ARCH = "sm_90"  # where there is no device
NO_DEVICE = "there is no CUDA device here: compiled for {arch}, not run"
