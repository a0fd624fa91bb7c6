import numpy as np


def reference(inputs, scalars):
    x = inputs["x"].astype(np.float64)
    return {"y": np.where(x < 0, scalars["slope"] * x, x)}
