import torch
from torch import nn


class Model(nn.Module):
    """A dense layer that gates itself, scaled by a parameter."""

    def __init__(self, in_features, out_features, scale_shape):
        super().__init__()
        self.dense = nn.Linear(in_features, out_features)
        self.scale = nn.Parameter(torch.randn(scale_shape))

    def forward(self, x):
        x = self.dense(x)
        return x * torch.sigmoid(x) * self.scale


batch_size = 128
in_features = 192
out_features = 96
scale_shape = (out_features,)


def get_inputs():
    return [torch.rand(batch_size, in_features)]


def get_init_inputs():
    return [in_features, out_features, scale_shape]
