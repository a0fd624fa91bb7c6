import torch
from torch import nn


class Model(nn.Module):
    """Products of a batch of matrices in half precision, one of them transposed."""

    def forward(self, a, b):
        return torch.bmm(a, b.transpose(1, 2))


batch_size = 8
m, n, k = 48, 32, 64


def get_inputs():
    a = torch.rand(batch_size, m, k, dtype=torch.float16)
    b = torch.rand(batch_size, n, k).half()
    return [a, b]


def get_init_inputs():
    return []
