import torch
from torch import nn


class Model(nn.Module):
    """The largest values along an axis."""

    def __init__(self, dim: int):
        super().__init__()
        self.dim = dim

    def forward(self, x):
        return torch.amax(x, dim=self.dim)


batch_size = 16
dim1 = 96
dim2 = 63


def get_inputs():
    return [torch.randn(batch_size, dim1, dim2)]


def get_init_inputs():
    return [1]
