"""Expected values for rows of a batch that are mixed.

    python make_mixes.py DATA     # reads and completes DATA/goldens/mixes.jsonl

A line is {"mixed", "sha256", "labels"}: what a row of a batch of 8 was mixed with, as it is given, and
what torchvision.transforms.v2's MixUp and CutMix make of it: the SHA-256 of its 3 x 11 x 14 float32
values, and its labels. Row i of the batch has label i % 5 and the bytes (k * k * 3 + i * 41) % 256,
height x width x 3, normalized as by the standard preset.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
import torchvision.transforms.functional as tv
from make_augmentation import sha, write
from torchvision.transforms import v2

HEIGHT, WIDTH, ROWS, CLASSES = 11, 14, 8, 5


def image(row: int) -> torch.Tensor:
    places = np.arange(3 * HEIGHT * WIDTH)
    pixels = ((places * places * 3 + row * 41) % 256).astype(np.uint8)
    tensor = tv.to_tensor(pixels.reshape(HEIGHT, WIDTH, 3))
    return tv.normalize(tensor, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])


def main() -> None:
    path = Path(sys.argv[1]) / "goldens" / "mixes.jsonl"
    images = torch.stack([image(row) for row in range(ROWS)])
    labels = torch.arange(ROWS) % CLASSES
    lines = []
    for row, text in enumerate(path.read_text().splitlines()):
        mixed = json.loads(text)["mixed"]
        if mixed["name"] == "mixUp":
            transform = v2.MixUp(num_classes=CLASSES)
            params = {"lam": mixed["share"]}
        else:
            transform = v2.CutMix(num_classes=CLASSES)
            part = mixed["part"]
            right, bottom = part["left"] + part["width"], part["top"] + part["height"]
            box = (part["left"], part["top"], right, bottom)
            params = {"box": box, "lam_adjusted": mixed["share"]}
        params |= {"labels": labels, "batch_size": ROWS}
        result = transform.transform(images, params)[row]
        shares = transform.transform(labels, params)[row]
        lines.append({"mixed": mixed, "sha256": sha(result.numpy()), "labels": shares.tolist()})
    write(path, lines)


if __name__ == "__main__":
    main()
