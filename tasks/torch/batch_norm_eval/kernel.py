import torch
from torch import nn


class ModelNew(nn.Module):
    """Normalises every channel by its stored mean and variance, scales, shifts, rectifies."""

    def __init__(self, channels):
        super().__init__()
        self.mean = nn.Parameter(torch.randn(channels))
        self.deviation = nn.Parameter(torch.rand(channels) + 0.5)
        self.weight = nn.Parameter(torch.rand(channels) + 0.5)
        self.bias = nn.Parameter(torch.randn(channels))
        self.eps = 1e-5

    def forward(self, x):
        shape = (1, -1, 1, 1)
        scale = torch.rsqrt(self.deviation * self.deviation + self.eps)
        x = (x - self.mean.view(shape)) * scale.view(shape)
        return torch.relu(x * self.weight.view(shape) + self.bias.view(shape))


channels = 32
