import torch

size = 256


class Model(torch.nn.Module):
    """A matrix that is the same in all inputs, and other right sides."""

    def forward(self, a, b):
        return torch.linalg.solve(a, b)


def get_inputs():
    place = torch.arange(size, dtype=torch.float32)
    near = torch.exp(-torch.abs(place[:, None] - place[None, :]))
    return [torch.eye(size) + 0.3 * near, torch.randn(size, 4)]


def get_init_inputs():
    return []
