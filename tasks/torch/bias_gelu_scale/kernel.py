import torch
from torch import nn


class ModelNew(nn.Module):
    """Adds a bias, applies gelu (its tanh form) and scales, feature by feature."""

    def __init__(self, features):
        super().__init__()
        self.bias = nn.Parameter(torch.randn(features))
        self.scale = nn.Parameter(torch.rand(features) + 0.5)

    def forward(self, x):
        x = x + self.bias
        inner = 0.7978845608028654 * (x + 0.044715 * x * x * x)
        return 0.5 * x * (1.0 + torch.tanh(inner)) * self.scale


features = 2048
