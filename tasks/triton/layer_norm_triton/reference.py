import torch
from torch import nn


class Model(nn.Module):
    """Normalises every row to mean 0 and variance 1, then scales and shifts."""

    def __init__(self, features):
        super().__init__()
        self.norm = nn.LayerNorm(features)

    def forward(self, x):
        return self.norm(x)


rows = 48
features = 1024


def get_inputs():
    return [torch.randn(rows, features)]


def get_init_inputs():
    return [features]
