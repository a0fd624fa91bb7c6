import torch
from torch import nn


class ModelNew(nn.Module):
    """Divides every row by its root mean square, then scales."""

    def __init__(self, features):
        super().__init__()
        self.weight = nn.Parameter(torch.rand(features) + 0.5)
        self.eps = 1e-6

    def forward(self, x):
        mean = x.pow(2).mean(dim=-1, keepdim=True)
        return x * torch.rsqrt(mean + self.eps) * self.weight


features = 2048
