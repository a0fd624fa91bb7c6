import torch
from torch import nn


class Model(nn.Module):
    """Rows of a table by number."""

    def __init__(self, vocab_size, embed_dim):
        super().__init__()
        self.table = nn.Embedding(vocab_size, embed_dim)

    def forward(self, numbers):
        return self.table(numbers)


vocab_size = 5000
embed_dim = 64
batch_size = 16
seq_len = 50


def get_inputs():
    return [torch.randint(0, vocab_size, (batch_size, seq_len))]


def get_init_inputs():
    return [vocab_size, embed_dim]
