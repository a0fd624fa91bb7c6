import ml_dtypes
import numpy as np

EPSILON = 1e-5


def reference(inputs, scalars):
    x, weight = (inputs[name].astype(np.float64) for name in ("x", "weight"))
    square = np.mean(x * x, axis=1, keepdims=True)
    return {"y": x / np.sqrt(square + EPSILON) * weight}


def inputs(workload, rng, kind):
    """Rows of different magnitude; at the edge a row of zeros, and one large element a row."""
    shape = workload.shapes["x"]
    scale = 2.0 ** rng.integers(-6, 7, (shape[0], 1))
    x = rng.normal(size=shape) * scale
    if kind == "edge":
        x = np.where(rng.random(shape) < 0.9, 0.0, rng.choice([-4.0, 1.0, 64.0], shape))
        x[0] = 0.0
        x[-1, -1] = 64.0
    weight = rng.uniform(-2.0, 2.0, workload.shapes["weight"])
    return {"x": x.astype(ml_dtypes.bfloat16), "weight": weight.astype(ml_dtypes.bfloat16)}
