import torch

rows = 64
columns = 2048


class Model(torch.nn.Module):
    """Of numbers from 1 on: half of one may be none of its arguments."""

    def forward(self, x):
        for _ in range(6):
            x = 1.0 + torch.acosh(x)
        return x


def get_inputs():
    return [1.0 + torch.rand(rows, columns)]


def get_init_inputs():
    return []
