import torch

rows = 128
columns = 4096


class Model(torch.nn.Module):
    """Scaled by ones and shifted by zeros, as parameters often start."""

    def __init__(self, columns):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(columns))
        self.bias = torch.nn.Parameter(torch.zeros(columns))

    def forward(self, x):
        return torch.sigmoid(torch.tanh(x * self.weight + self.bias) * self.weight + self.bias)


def get_inputs():
    return [torch.randn(rows, columns)]


def get_init_inputs():
    return [columns]
