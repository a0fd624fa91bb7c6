import torch
from torch import nn


class Model(nn.Module):
    """A dense layer and a rectifier."""

    def __init__(self, inner, columns):
        super().__init__()
        self.linear = nn.Linear(inner, columns)

    def forward(self, x):
        return torch.relu(self.linear(x))


rows = 512
inner = 512
columns = 512


def get_inputs():
    return [torch.randn(rows, inner)]


def get_init_inputs():
    return [inner, columns]
