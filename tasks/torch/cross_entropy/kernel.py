import torch
from torch import nn


class ModelNew(nn.Module):
    """logsumexp(row) - row[label], one value a row."""

    def forward(self, logits, labels):
        chosen = logits.gather(1, labels.unsqueeze(1)).squeeze(1)
        return torch.logsumexp(logits, dim=1) - chosen
