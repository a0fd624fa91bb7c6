import torch
from torch import nn


class Model(nn.Module):
    """Every element is the sum of those before it in its row, and itself."""

    def forward(self, x):
        return torch.cumsum(x, dim=1)


rows = 768
columns = 4096


def get_inputs():
    return [torch.randn(rows, columns)]


def get_init_inputs():
    return []
