import torch

rows = 64
columns = 65536


class Model(torch.nn.Module):
    """Means of many numbers in half precision, which differ from row to row."""

    def forward(self, x):
        return torch.exp(x).mean(dim=1)


def get_inputs():
    return [(torch.rand(rows, columns) * (0.1 + 3.0 * torch.rand(rows, 1))).half()]


def get_init_inputs():
    return []
