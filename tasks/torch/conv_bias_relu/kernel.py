import torch
from torch import nn


class ModelNew(nn.Module):
    """A convolution that keeps height and width, its bias, and a rectifier."""

    def __init__(self, channels, filters):
        super().__init__()
        self.conv = nn.Conv2d(channels, filters, 3, padding=1)

    def forward(self, x):
        return torch.relu(self.conv(x))


channels = 16
filters = 32
