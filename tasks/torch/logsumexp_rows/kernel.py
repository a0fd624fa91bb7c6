import torch
from torch import nn


class ModelNew(nn.Module):
    """The logarithm of the sum of exponentials, row by row."""

    def forward(self, x):
        return torch.logsumexp(x, dim=-1)
