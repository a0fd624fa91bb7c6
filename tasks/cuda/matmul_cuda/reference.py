import torch
from torch import nn


class Model(nn.Module):
    """The product of two matrices."""

    def forward(self, left, right):
        return left @ right


rows = 1024
inner = 1024
columns = 1024


def get_inputs():
    return [torch.randn(rows, inner), torch.randn(inner, columns)]


def get_init_inputs():
    return []
