import torch

rows = 512
columns = 2048


class Model(torch.nn.Module):
    """The identity up to 7, slower growth beyond."""

    def forward(self, x):
        size = x.abs()
        return torch.where(size > 7.0, torch.sign(x) * (7.0 + torch.log1p(size - 7.0)), x * 1.0)


def get_inputs():
    return [torch.randn(rows, columns)]


def get_init_inputs():
    return []
