"""A small model of two towers: what an image and a sentence that is true of it have in common."""

import torch
from torch import Tensor, nn

WIDTH = 64


class ImageTower(nn.Module):
    """Images, float32 [n, 3, h, w], to embeddings of length 1, [n, WIDTH]."""

    def __init__(self) -> None:
        super().__init__()
        channels = [3, 16, 32, 64, 96]
        self.convolutions = nn.Sequential(
            *(
                layer
                for before, after in zip(channels, channels[1:])
                for layer in (nn.Conv2d(before, after, 3, stride=2, padding=1), nn.ReLU())
            )
        )
        self.projection = nn.Linear(2 * channels[-1], WIDTH)

    def forward(self, pixel_values: Tensor) -> Tensor:
        features = self.convolutions(pixel_values)
        pooled = torch.cat([features.mean(dim=(2, 3)), features.amax(dim=(2, 3))], dim=1)
        return nn.functional.normalize(self.projection(pooled), dim=1)


class TextTower(nn.Module):
    """Tokens, int64 [n, length], and their mask, to embeddings of length 1, [n, WIDTH]."""

    def __init__(self, vocabulary: int) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary, WIDTH)
        self.pairs = nn.Embedding(vocabulary, WIDTH)
        self.projection = nn.Linear(WIDTH, WIDTH)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        mask = attention_mask.unsqueeze(2).float()
        words = self.words(input_ids) * mask
        # a word, and the one before it: a red circle is not a red background with a circle
        pairs = torch.relu(words[:, 1:] + self.pairs(input_ids[:, :-1])) * mask[:, 1:]
        sums = words.sum(dim=1) + pairs.sum(dim=1)
        return nn.functional.normalize(self.projection(sums / mask.sum(dim=1)), dim=1)
