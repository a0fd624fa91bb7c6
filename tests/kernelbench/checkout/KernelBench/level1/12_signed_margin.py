import torch
from torch import nn


class Model(nn.Module):
    """Mean of how far predictions are from the right side."""

    def forward(self, predictions, signs):
        return torch.relu(1 - predictions * signs).mean()


batch_size = 4096
input_shape = (1,)


def get_inputs():
    scale = torch.rand(())
    signs = torch.randint(0, 2, (batch_size, 1)).float() * 2 - 1
    return [torch.randn(batch_size, *input_shape) * scale, signs]


def get_init_inputs():
    return []
