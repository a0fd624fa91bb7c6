import torch
from torch import nn


class Model(nn.Module):
    """A recurrent network of several layers, from a given state."""

    def __init__(self, input_size, hidden_size, num_layers):
        super().__init__()
        self.cells = nn.GRU(input_size, hidden_size, num_layers)

    def forward(self, x, state):
        out, _ = self.cells(x, state)
        return out


seq_len = 24
batch_size = 10
input_size = 32
hidden_size = 64
num_layers = 3


def get_inputs():
    return [
        torch.rand(seq_len, batch_size, input_size),
        torch.rand((num_layers, batch_size, hidden_size)),
    ]


def get_init_inputs():
    return [input_size, hidden_size, num_layers]
