import numpy as np


def reference(inputs, scalars):
    return {"total": np.sum(inputs["values"], dtype=np.int64).reshape(1)}
