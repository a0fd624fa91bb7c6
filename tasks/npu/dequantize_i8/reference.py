import numpy as np


def reference(inputs, scalars):
    return {"x": (inputs["q"].astype(np.float64) - scalars["zero"]) * scalars["scale"]}
