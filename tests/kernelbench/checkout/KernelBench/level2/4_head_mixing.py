import math

import torch
import torch.nn.functional as F
from torch import nn


class Heads(nn.Module):
    """Attention of a sequence to itself that looks back only."""

    def __init__(self, width, n_head):
        super().__init__()
        assert width % n_head == 0
        self.project = nn.Linear(width, 3 * width)
        self.n_head = n_head

    def forward(self, x):
        b, t, c = x.shape
        q, k, v = (
            part.view(b, t, self.n_head, c // self.n_head).transpose(1, 2)
            for part in self.project(x).split(c, dim=2)
        )
        weights = q @ k.transpose(-2, -1) / math.sqrt(c // self.n_head)
        ahead = torch.triu(torch.ones(t, t, dtype=torch.bool, device=x.device), diagonal=1)
        weights = F.softmax(weights.masked_fill(ahead, float("-inf")), dim=-1)
        return (weights @ v).transpose(1, 2).reshape(b, t, c)


class Model(nn.Module):
    """Heads with a residual."""

    def __init__(self, n_embd, n_head):
        super().__init__()
        self.heads = Heads(n_embd, n_head)

    def forward(self, x):
        return x + self.heads(x)


batch_size = 8
n_embd = 96
seq_len = 64
n_head = 12


def get_inputs():
    return [torch.rand(batch_size, seq_len, n_embd)]


def get_init_inputs():
    return [n_embd, n_head]
