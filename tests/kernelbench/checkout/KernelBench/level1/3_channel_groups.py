import torch
from torch import nn


class Model(nn.Module):
    """Normalises groups of channels."""

    def __init__(self, num_groups: int, num_channels: int):
        super().__init__()
        self.norm = nn.GroupNorm(num_groups, num_channels)

    def forward(self, x):
        return self.norm(x)


batch_size = 8
features = 48
num_groups = 6
height, width = 20, 24


def get_inputs():
    return [torch.rand(batch_size, features, height, width)]


def get_init_inputs():
    return [num_groups, features]
