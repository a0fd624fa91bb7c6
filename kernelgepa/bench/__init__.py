"""A search, or a verdict, for each problem of a data set; resumable, with the score at the end.

`kernelbench` and `npueval` plan, work and write the data set's own result files; `baseline` times
references; `folder` keeps what was asked; `search` makes one run or goes on with it.
"""
