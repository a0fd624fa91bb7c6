import math

import torch
from torch import nn


class Model(nn.Module):
    """softmax(q @ k.T / sqrt(width)) @ v, head by head."""

    def forward(self, q, k, v):
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        return torch.softmax(scores, dim=-1) @ v


batch = 8
heads = 8
length = 128
width = 64


def get_inputs():
    shape = (batch, heads, length, width)
    return [torch.randn(*shape), torch.randn(*shape), torch.randn(*shape)]


def get_init_inputs():
    return []
