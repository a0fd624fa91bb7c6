import torch
from torch import nn


class ModelNew(nn.Module):
    """Every element is the sum of those before it in its row, and itself."""

    def forward(self, x):
        return torch.cumsum(x, dim=1)
