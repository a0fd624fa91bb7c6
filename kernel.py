
import torch
from torch import nn
from torch.nn import functional as F


class ModelNew(nn.Module):
    """Number 2."""

    def __init__(self, size: int) -> None:
        super().__init__()
        pass

    def forward(self, given: torch.Tensor) -> torch.Tensor:
        return torch.relu(given)
