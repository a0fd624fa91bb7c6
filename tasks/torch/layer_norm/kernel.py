from torch import nn


class ModelNew(nn.Module):
    """Normalises every row to mean 0 and variance 1, then scales and shifts."""

    def __init__(self, features):
        super().__init__()
        self.norm = nn.LayerNorm(features)

    def forward(self, x):
        return self.norm(x)


features = 1024
