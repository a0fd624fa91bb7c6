import torch

rows = 128
columns = 4096


class Model(torch.nn.Module):
    """An element by itself: twice as large an input, 2**1.7 times as large an output."""

    def forward(self, x):
        return torch.sign(x) * torch.pow(x.abs(), 1.7)


def get_inputs():
    return [torch.randn(rows, columns)]


def get_init_inputs():
    return []
