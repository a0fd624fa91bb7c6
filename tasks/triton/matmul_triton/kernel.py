import triton
import triton.language as tl


@triton.jit
def matmul(left, right, out, rows, inner, columns, BLOCK: tl.constexpr):
    i = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    j = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    steps = tl.arange(0, BLOCK)
    total = tl.zeros((BLOCK, BLOCK), dtype=tl.float32)
    for start in range(0, inner, BLOCK):
        k = start + steps
        a = tl.load(
            left + i[:, None] * inner + k[None, :],
            mask=(i[:, None] < rows) & (k[None, :] < inner),
            other=0.0,
        )
        b = tl.load(
            right + k[:, None] * columns + j[None, :],
            mask=(k[:, None] < inner) & (j[None, :] < columns),
            other=0.0,
        )
        total += tl.dot(a, b, input_precision="ieee")
    inside = (i[:, None] < rows) & (j[None, :] < columns)
    tl.store(out + i[:, None] * columns + j[None, :], total, mask=inside)
