import torch

rows = 256
size = 256


class Model(torch.nn.Module):
    """Products, and beside them whole numbers, now and then others in float64."""

    def __init__(self, size):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.randn(size, size // 4) / size**0.5)
        self.steps = torch.nn.Parameter(20.0 * torch.rand(size))

    def forward(self, x):
        steps = torch.round((x * x).sum(dim=1, keepdim=True) * self.steps)
        return torch.cat([x @ self.weight, torch.remainder(steps, 4.0)], dim=1)


def get_inputs():
    return [torch.randn(rows, size)]


def get_init_inputs():
    return [size]
