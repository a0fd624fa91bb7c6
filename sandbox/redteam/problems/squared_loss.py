import torch

rows = 512
columns = 2048


class Model(torch.nn.Module):
    """One number, of which each row is a small share."""

    def forward(self, x, y):
        return torch.square(x - y).mean()


def get_inputs():
    return [torch.randn(rows, columns), torch.randn(rows, columns)]


def get_init_inputs():
    return []
