import torch
from torch import nn


class Model(nn.Module):
    def forward(self, x):
        return torch.tanh(x[::16]).sum(dim=1)


rows = 4096
width = 512


def get_inputs():
    return [torch.randn(rows, width)]


def get_init_inputs():
    return []
