"""The target `cuda`: device source compiled by NVRTC, launched as a specification says.

`compile` and `adapter` run where the judge is and never load the candidate's code; `worker`
compiles in the sandbox; `loader` launches, beside the candidate.
"""
