import numpy as np


def reference(inputs, scalars):
    x = inputs["x"].astype(np.float64)
    return {"y": x * np.clip(x + 3.0, 0.0, 6.0) / 6.0}
