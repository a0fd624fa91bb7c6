import numpy as np


def reference(inputs, scalars):
    return {"mask": (inputs["values"] >= np.int16(scalars["limit"])).astype(np.uint8)}
