import torch

batch = 256
width = 512


class Model(torch.nn.Module):
    """A residual branch whose scale starts at zero."""

    def __init__(self, width):
        super().__init__()
        self.branch = torch.nn.Linear(width, width)
        self.scale = torch.nn.Parameter(torch.zeros(width))

    def forward(self, x):
        return x + self.scale * torch.tanh(self.branch(x))


def get_inputs():
    return [torch.randn(batch, width)]


def get_init_inputs():
    return [width]
