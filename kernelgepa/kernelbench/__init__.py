"""KernelBench as data: its problems, read and shrunk without being run, and its result files.

Nothing here imports torch, executes a problem or needs a GPU. The layout of problems and results
is that of github.com/ScalingIntelligence/KernelBench.

`problems.find` reads, `inspect.inspect` says what a problem needs or why it is refused,
`shrink.candidates` makes it smaller, `results` and `baselines` are their files, `metrics` their
score, `subset.select` picks.
"""
