import torch
from torch import nn


class Model(nn.Module):
    """One filter a channel."""

    def __init__(self, in_channels, kernel_size, stride, padding):
        super().__init__()
        self.filter = nn.Conv2d(
            in_channels,
            in_channels,
            kernel_size,
            stride=stride,
            padding=padding,
            groups=in_channels,
        )

    def forward(self, x):
        return self.filter(x)


batch_size = 8
in_channels = 12
kernel_size = 5
height = 33
width = 48
stride = 2
padding = 2


def get_inputs():
    return [torch.rand(batch_size, in_channels, height, width)]


def get_init_inputs():
    return [in_channels, kernel_size, stride, padding]
