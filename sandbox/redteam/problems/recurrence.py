import torch

rows = 64
width = 256


class Model(torch.nn.Module):
    """Much work for a small result, each row by itself."""

    def __init__(self, width):
        super().__init__()
        self.register_buffer("step", torch.randn(width, width) / width**0.5)

    def forward(self, x):
        for _ in range(96):
            x = torch.tanh(x @ self.step)
        return x


def get_inputs():
    return [torch.randn(rows, width)]


def get_init_inputs():
    return [width]
