import torch

batch = 8
width = 512


class Model(torch.nn.Module):
    """A few rows through the product of two weight matrices."""

    def __init__(self, width):
        super().__init__()
        self.left = torch.nn.Parameter(torch.randn(width, width) / width**0.5)
        self.right = torch.nn.Parameter(torch.randn(width, width) / width**0.5)

    def forward(self, x):
        return x @ (self.left @ self.right)


def get_inputs():
    return [torch.randn(batch, width)]


def get_init_inputs():
    return [width]
