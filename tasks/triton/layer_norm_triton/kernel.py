import triton
import triton.language as tl


@triton.jit
def layer_norm(x, weight, bias, out, features, eps, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    i = tl.arange(0, BLOCK)
    inside = i < features
    values = tl.load(x + row * features + i, mask=inside, other=0.0)
    mean = tl.sum(values, axis=0) / features
    centred = tl.where(inside, values - mean, 0.0)
    variance = tl.sum(centred * centred, axis=0) / features
    scale = tl.load(weight + i, mask=inside, other=0.0) / tl.sqrt(variance + eps)
    shift = tl.load(bias + i, mask=inside, other=0.0)
    tl.store(out + row * features + i, centred * scale + shift, mask=inside)
