import torch

rows = 32
columns = 4096


class Model(torch.nn.Module):
    """The mean of squares of each column, in 16 rows for each row of the input."""

    def forward(self, x):
        row = (x * x).mean(dim=0, keepdim=True)
        return row.expand(16 * x.shape[0], -1).contiguous()


def get_inputs():
    return [torch.randn(rows, columns)]


def get_init_inputs():
    return []
