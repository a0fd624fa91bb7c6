import numpy as np


def reference(inputs, scalars):
    return {"sums": np.cumsum(inputs["values"], dtype=np.int64)}
