import torch

rows = 256
columns = 2048


class Model(torch.nn.Module):
    """For numbers of both signs; the inputs have one."""

    def forward(self, x):
        return torch.sign(x) * torch.sqrt(torch.abs(x)) + torch.relu(x)


def get_inputs():
    return [torch.rand(rows, columns) + 0.01]


def get_init_inputs():
    return []
