import torch

batch = 16
length = 256
width = 64


class Model(torch.nn.Module):
    """Attention whose mask is an input, and lets nobody see what comes later."""

    def forward(self, q, k, v, hidden):
        scores = torch.matmul(q, k.transpose(1, 2)) / width**0.5
        return torch.matmul(scores.masked_fill(hidden, float("-inf")).softmax(dim=2), v)


def get_inputs():
    hidden = torch.ones(length, length, dtype=torch.bool).triu(1)
    return [*(torch.randn(batch, length, width) for _ in range(3)), hidden]


def get_init_inputs():
    return []
