import torch
from torch import nn


class ModelNew(nn.Module):
    """Softmax of every row, divided by a temperature before."""

    def __init__(self, temperature):
        super().__init__()
        self.temperature = temperature

    def forward(self, x):
        return torch.softmax(x / self.temperature, dim=-1)
