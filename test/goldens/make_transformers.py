"""Writes what the image processors of transformers make of the test data, by both backends.

    python make_transformers.py ../data ../data/goldens

Reads DATA/images and DATA/oriented, writes OUT/transformers.jsonl, of the Pillow backend, and
OUT/transformers.torch.jsonl, of torchvision's. Each class is saved with its own
defaults, or with OPTIONS, or written as FILES say, and loaded by AutoImageProcessor, so that what is compared is what a user of
`from_pretrained` gets. One JSON object a line: the `processor` is the class and `config` what was saved;
`backend` is "torchvision" or "pil"; `overrides` were given to from_pretrained beside it; `image` is a path
in DATA, or several for one call; `outputs` has shape, dtype and SHA-256 of the raw little-endian bytes of each, by name.

Images are opened by Pillow, turned by their EXIF data as transformers does with paths, and converted to RGB.
Those with transparency are given to the processor as they are: the classes convert them, on white.
"""

import hashlib
import json
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
os.environ["HF_HUB_OFFLINE"] = "1"
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402
from PIL import Image, ImageOps  # noqa: E402

# With one thread torch resizes float32 images another way than with several, where they have no antialias.
torch.set_num_threads(2)
assert torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512")

PLAIN = ("jpeg-17x33.jpg", "jpeg-301x17.jpg", "jpeg-grey.jpg")
TRANSPARENT = (
    "png-rgba.png", "png-la.png", "png-p-trns.png", "png-rgb-trns.png", "png-l-trns.png", "gif-transparency.gif",
    "webp-lossy-alpha.webp", "webp-lossless-alpha.webp", "avif-alpha.avif",
)
# Outputs of a default size would make the tests slow.
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "CLIP": [
        {}, {"size": {"shortest_edge": 20}, "crop_size": {"height": 33, "width": 41}, "resample": 2},
        {"size": {"height": 30, "width": 21}, "do_center_crop": False, "resample": 0},
        {"size": {"height": 30, "width": 21}, "do_center_crop": False, "resample": 1, "do_normalize": False},
        {"size": 40, "crop_size": 32, "do_rescale": False}, {"rescale_factor": 1 / 127.5, "image_mean": [0.1, 0.2, 0.3]},
    ],
    "ChineseCLIP": [{}],
    "Bit": [{}, {"size": {"shortest_edge": 40, "longest_edge": 60}, "crop_size": 44}],
    "Siglip": [{}],
    "ViT": [{}],
    "DINOv3ViT": [
        {}, {"size": {"shortest_edge": 30}, "resample": 3}, {"size": {"height": 120, "width": 210}, "resample": 0, "do_normalize": False},
        {"size": {"shortest_edge": 90, "longest_edge": 140}, "rescale_factor": 1 / 127.5, "image_std": [0.1, 0.2, 0.3]}, {"do_resize": False},
    ],
    "DeiT": [{}],
    "Blip": [{"size": {"height": 96, "width": 96}}],
    "ConvNext": [{"size": {"shortest_edge": 64}}, {"size": {"shortest_edge": 384}}],
    "PoolFormer": [{"size": {"shortest_edge": 64}, "crop_size": 64}],
    "Beit": [{"size": {"height": 64, "width": 64}}, {"size": {"height": 64, "width": 64}, "do_center_crop": True, "crop_size": 50}],
    "Segformer": [{"size": {"height": 64, "width": 72}}],
    "Pvt": [{"size": {"height": 64, "width": 64}}],
    "MobileNetV1": [{"size": {"shortest_edge": 64}, "crop_size": 56}],
    "MobileNetV2": [{"size": {"shortest_edge": 64}, "crop_size": 56}],
    "MobileViT": [{}, {"size": {"shortest_edge": 64}, "crop_size": 71, "do_flip_channel_order": False}],
    "EfficientNet": [
        {"size": {"height": 46, "width": 46}},
        {"size": {"height": 46, "width": 46}, "include_top": False, "rescale_offset": True, "rescale_factor": 1 / 127.5},
        {"size": {"height": 46, "width": 46}, "rescale_offset": True, "do_normalize": False},
    ],
    "Levit": [{"size": {"shortest_edge": 64}, "crop_size": 64}],
    "Perceiver": [{"size": {"height": 64, "width": 60}, "crop_size": {"height": 70, "width": 64}}],
    "DPT": [
        {"size": {"height": 64, "width": 64}}, {"size": {"height": 64, "width": 52}, "keep_aspect_ratio": True, "ensure_multiple_of": 14},
        {"size": {"height": 48, "width": 48}, "ensure_multiple_of": 32}, {"size": {"height": 50, "width": 60}, "do_pad": True, "size_divisor": 7},
    ],
    "CHMv2": [{}, {"size": {"height": 60, "width": 60}, "do_resize": True, "ensure_multiple_of": 4, "size_divisor": 7}],
    "PromptDepthAnything": [
        {"size": {"height": 64, "width": 52}, "keep_aspect_ratio": True, "ensure_multiple_of": 14},
        {"size": {"height": 50, "width": 60}, "do_pad": True, "size_divisor": 7},
    ],
    "DepthPro": [{"size": {"height": 150, "width": 140}}, {"size": {"height": 40, "width": 50}, "do_normalize": False}],
    "ZoeDepth": [
        {"size": {"height": 96, "width": 128}}, {"size": {"height": 60, "width": 64}, "ensure_multiple_of": 32, "keep_aspect_ratio": False},
        {"size": {"height": 80, "width": 90}, "do_pad": False, "do_normalize": False}, {"do_resize": False},
    ],
    "GLPN": [{"size_divisor": 8}],
    "OwlViT": [{"size": {"height": 64, "width": 64}}],
    "Owlv2": [
        {"size": {"height": 64, "width": 64}}, {"size": {"height": 16, "width": 30}, "do_normalize": False}, {"size": {"height": 400, "width": 20}},
        {"size": {"height": 20, "width": 24}, "resample": 3, "rescale_factor": 1 / 127.5, "image_mean": [0.1, 0.2, 0.3]},
    ],
    "SegGpt": [{"size": {"height": 64, "width": 64}}],
    "Detr": [{"size": {"shortest_edge": 40, "longest_edge": 70}}, {"size": {"height": 40, "width": 50}, "pad_size": {"height": 44, "width": 50}}],
    "ConditionalDetr": [{"size": {"shortest_edge": 40, "longest_edge": 70}}],
    "DeformableDetr": [{"size": {"shortest_edge": 40, "longest_edge": 70}}],
    "GroundingDino": [{"size": {"max_height": 40, "max_width": 70}}],
    "RTDetr": [{"size": {"height": 64, "width": 64}}, {"size": {"height": 64, "width": 64}, "do_normalize": True, "do_pad": True}],
    "RfDetr": [{"size": {"shortest_edge": 40, "longest_edge": 70}}, {"size": {"height": 90, "width": 80}, "do_pad": False}, {"size": {"max_height": 120, "max_width": 150}}],
    "Yolos": [{"size": {"shortest_edge": 40, "longest_edge": 300}}],
    "MaskFormer": [{"size": {"shortest_edge": 40, "longest_edge": 70}}, {"size": 40, "max_size": 60, "size_divisor": 0}],
    "Mask2Former": [{"size": {"shortest_edge": 40, "longest_edge": 70}, "size_divisor": 20}],
    "Vilt": [{"size": {"shortest_edge": 40}, "size_divisor": 4}],
    "BridgeTower": [{"size": {"shortest_edge": 40}, "crop_size": {"shortest_edge": 36}, "size_divisor": 4}],
    "Eomt": [{"size": {"shortest_edge": 40, "longest_edge": 70}, "do_pad": True}],
    "Sapiens2": [{"size": {"height": 64, "width": 48}}],
    "SuperPoint": [{"size": {"height": 48, "width": 64}}],
    "PPLCNet": [{"resize_short": 60, "crop_size": 56, "size_divisor": 8}],
    "LayoutLMv2": [{"size": {"height": 64, "width": 64}, "apply_ocr": False}],
    "LayoutLMv3": [{"size": {"height": 64, "width": 64}, "apply_ocr": False}],
    "Sam": [{"size": {"longest_edge": 70}, "pad_size": {"height": 70, "width": 72}}],
    "Sam2": [{"size": {"height": 64, "width": 64}}],
    "Sam3": [{"size": {"height": 64, "width": 64}}],
    "Flava": [{"size": {"height": 64, "width": 64}, "crop_size": 56}],
    "Swin2SR": [{}, {"size_divisor": 5, "rescale_factor": 0.5}, {"do_pad": False}],
    "TextNet": [{"size": {"shortest_edge": 60}}],
    "Donut": [{"size": {"height": 128, "width": 96}}, {"size": {"height": 80, "width": 128}, "do_thumbnail": True}, {"size": {"height": 96, "width": 64}, "do_align_long_axis": True}],
    "Chameleon": [{"size": {"shortest_edge": 64}, "crop_size": 64}],
    "Gemma3": [{"size": {"height": 64, "width": 64}}],
    "VideoLlava": [{}, {"size": {"shortest_edge": 64}, "crop_size": {"height": 70, "width": 64}}],
    "Llava": [{"size": {"shortest_edge": 64}, "crop_size": 64}],
    "GotOcr2": [{"size": {"height": 64, "width": 64}}],
    "Ovis2": [{"size": {"height": 64, "width": 64}}],
    "PPChart2Table": [{"size": {"height": 64, "width": 64}}],
    "PI0": [{"size": {"max_height": 40, "max_width": 50}, "pad_size": {"height": 44, "width": 50}}],
    "Tipsv2": [{"size": {"height": 64, "width": 64}}],
    "Tipsv2Dpt": [{"size": {"height": 64, "width": 64}}],
}
# What old and odd files say; null in one is Python's None, and no default stands in for it.
FILES: dict[str, list[dict[str, Any]]] = {
    "CLIP": [
        {"size": 40, "max_size": 50, "crop_size": 32}, {"size": 40, "default_to_square": None, "do_center_crop": None},
        {"do_resize": None, "crop_size": 40}, {"size": 40, "do_center_crop": False, "do_pad": True},
        {"size": 40, "do_center_crop": False, "do_rescale": False, "do_normalize": False},
        {"size": {"shortest_edge": 30, "longest_edge": 50}, "do_center_crop": False, "do_pad": True, "pad_size": 60},
    ],
    "Detr": [{"size": 40}, {"size": 40, "max_size": 50, "pad_and_return_pixel_mask": False}, {"size": {"shortest_edge": 40, "longest_edge": 60}, "max_size": 50}],
    "RfDetr": [{"size": 40, "pad_and_return_pixel_mask": False}],
    "Swin2SR": [{"pad_size": 4}],
    "PoolFormer": [{"size": 64, "crop_size": 64, "crop_pct": None}],
    "OwlViT": [{"size": [40, 50], "rescale": False}],
    "Owlv2": [{"size": [12, 50], "rescale": True}],
    "Segformer": [{"size": 40, "do_center_crop": True, "crop_size": 20, "reduce_labels": True}],
    "Beit": [{"size": 40, "do_pad": True, "pad_size": 50}],
}
# What is refused here.
REFUSED = {("Owlv2", "pil")}
OVERRIDES: list[dict[str, Any]] = [
    {"size": {"shortest_edge": 30, "longest_edge": 70}, "do_center_crop": False},
    {"size": {"max_height": 30, "max_width": 70}, "do_center_crop": False},
    {"do_resize": False, "do_center_crop": False, "do_normalize": False},
    {"size": {"shortest_edge": 50}, "do_center_crop": False, "image_mean": [0.5, 0.5, 0.5], "resample": 2},
    {"do_resize": False, "crop_size": {"height": 20, "width": 300}, "do_rescale": True, "rescale_factor": 0.5},
    {"do_convert_rgb": False, "default_to_square": True, "size": 30},
]


def described(value: Any) -> dict[str, Any]:
    array = np.ascontiguousarray(np.asarray(value))
    return {
        "shape": list(array.shape), "dtype": str(array.dtype),
        "sha256": hashlib.sha256(array.tobytes()).hexdigest(),
    }


def opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        turned = ImageOps.exif_transpose(image)
        return turned if path.name in TRANSPARENT else turned.convert("RGB")


def rows(
    data: Path, name: str, options: dict[str, Any], overrides: dict[str, Any], images: list[str | list[str]], is_file: bool = False,
) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        if is_file:
            config = {"image_processor_type": f"{name}ImageProcessor", **options}
            (Path(folder) / "preprocessor_config.json").write_text(json.dumps(config), encoding="utf8")
        else:
            getattr(transformers, f"{name}ImageProcessor")(**options).save_pretrained(folder)
            config = json.loads(next(Path(folder).glob("*.json")).read_text(encoding="utf8"))
        for backend in ("torchvision", "pil"):
            if (name, backend) in REFUSED:
                continue
            processor = transformers.AutoImageProcessor.from_pretrained(folder, backend=backend, **overrides)
            for image in images:
                given = [opened(data / one) for one in ([image] if isinstance(image, str) else image)]
                try:
                    result = processor(images=given, return_tensors="pt" if getattr(processor, "backend", "pil") == "torchvision" else "np")
                except ValueError as error:
                    print(name, backend, image, error)
                    continue
                yield {
                    "processor": f"{name}ImageProcessor", "config": config, "backend": backend, "overrides": overrides,
                    "image": image, # a list of Eomt's, empty where nothing is split, is no tensor
                    "outputs": {key: described(value) for key, value in result.items() if key != "patch_offsets"},
                }


def main() -> None:
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    images = [f"images/{image}" for image in PLAIN]
    turned = ["oriented/orientation-6.jpg"]
    lines: list[dict[str, Any]] = []
    for name, several in OPTIONS.items():
        for options in several:
            lines += rows(data, name, options, {}, images + turned)
    for name, several in FILES.items():
        for options in several:
            lines += rows(data, name, options, {}, images, is_file=True)
    for name in ("CLIP", "Siglip", "Chameleon"):
        small = {"size": {"height": 60, "width": 60}, "do_center_crop": False}
        lines += rows(data, name, small, {}, [f"images/{image}" for image in TRANSPARENT])
    for name in ("CLIP", "DINOv3ViT", "Owlv2", "Detr", "RfDetr", "VideoLlava", "Yolos", "MaskFormer", "Vilt", "BridgeTower", "Sam", "Gemma3", "GotOcr2", "Ovis2"):
        lines += rows(data, name, OPTIONS[name][0], {}, [images])
    lines += rows(data, "CLIP", FILES["CLIP"][3], {}, [images], is_file=True)
    for overrides in OVERRIDES:
        lines += rows(data, "CLIP", {}, overrides, images)
    for backend, file in (("pil", "transformers.jsonl"), ("torchvision", "transformers.torch.jsonl")):
        text = "".join(json.dumps(line) + "\n" for line in lines if line["backend"] == backend)
        (out / file).write_text(text, encoding="ascii", newline="\n")
    print("transformers", len(lines))


if __name__ == "__main__":
    main()
