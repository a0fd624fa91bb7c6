import torch

batch = 16
length = 1024
width = 64


class Model(torch.nn.Module):
    """Writes new keys into the cache that it is given, for later calls, and asks for their mean."""

    def forward(self, cache, new):
        cache[:, -new.shape[1] :] = new
        return torch.tanh(cache.mean(dim=1))


def get_inputs():
    return [torch.randn(batch, length, width), torch.randn(batch, length // 2, width)]


def get_init_inputs():
    return []
