import torch

size = 384


class Model(torch.nn.Module):
    def forward(self, a, b):
        return a @ b


def get_inputs():
    return [torch.rand(size, size, dtype=torch.float64) for _ in range(2)]


def get_init_inputs():
    return []
