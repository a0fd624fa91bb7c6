import torch
from torch import nn


class Model(nn.Module):
    """Dense layers of given widths."""

    def __init__(self, input_size, layer_sizes, output_size):
        super().__init__()
        layers = []
        for size in layer_sizes:
            layers += [nn.Linear(input_size, size), nn.GELU()]
            input_size = size
        self.net = nn.Sequential(*layers, nn.Linear(input_size, output_size))

    def forward(self, x):
        return self.net(x)


batch_size = 64
input_size = 256
layer_sizes = [128, 128, 64]
output_size = 10


def get_inputs():
    return [torch.rand(batch_size, input_size)]


def get_init_inputs():
    return [input_size, layer_sizes, output_size]
