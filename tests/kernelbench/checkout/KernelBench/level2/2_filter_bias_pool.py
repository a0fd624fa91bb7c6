import torch
from torch import nn


class Model(nn.Module):
    """Convolution, an added bias, a bend, and the largest of each window."""

    def __init__(self, in_channels, out_channels, kernel_size, bias_shape, pool_kernel_size):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size)
        self.bias = nn.Parameter(torch.randn(bias_shape))
        self.pool = nn.MaxPool2d(pool_kernel_size)

    def forward(self, x):
        return self.pool(torch.relu(self.conv(x) + self.bias))


batch_size = 16
in_channels = 8
out_channels = 24
height = width = 40
kernel_size = 3
pool_kernel_size = 2
bias_shape = (out_channels, 1, 1)


def get_inputs():
    return [torch.rand(batch_size, in_channels, height, width)]


def get_init_inputs():
    return [in_channels, out_channels, kernel_size, bias_shape, pool_kernel_size]
