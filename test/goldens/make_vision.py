"""Writes what the vision-language image processors of transformers make of images, by both backends.

    python make_vision.py ../data ../data/goldens

Reads DATA/images and DATA/oriented and writes OUT/vision.jsonl, of the Pillow backend, and OUT/vision.torch.jsonl, of
torchvision's. Each class is saved with OPTIONS, or written as FILES say, and loaded by AutoImageProcessor, as a user of
`from_pretrained` has it. One JSON object a line: the `processor` is the class and `config` what was saved; `backend` is
"torchvision" or "pil"; `image` has the images of one call, and `outputs` shape, dtype and SHA-256 of the raw little-endian
bytes of each by its name, or the lists that it is. An image is a path in DATA, or [width, height] of one that `drawn` makes,
which test/support/drawn-image.ts makes, too; a list of lists is given to the processor as it stands.
"""

import hashlib
import json
import os
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
os.environ["HF_HUB_OFFLINE"] = "1"
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402
from PIL import Image, ImageOps  # noqa: E402

torch.set_num_threads(2)
assert torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512")

ALPHA = "images/png-rgba.png"
GREY = "images/jpeg-grey.jpg"
# Sizes of drawn images: small, usual, long and high ones, and one that is a multiple of many patches.
SINGLE: list[Any] = [[97, 64], [300, 200], [200, 300], [420, 21], [23, 440], [112, 112], [5, 7], "images/jpeg-301x17.jpg", "oriented/orientation-6.jpg"]
TWO: list[Any] = [[97, 64], [64, 120]]
# Of as many tiles.
ALIKE: list[Any] = [[97, 64], [90, 60]]
# As lists of one conversation each; classes that give one row for all lists take them as they come.
NESTED: list[Any] = [[[97, 64], [30, 64]], [[64, 120]]]

PATCHES = {"patch_size": 4, "merge_size": 2}
GRIDS = [[28, 56], [56, 28], [56, 56], [84, 28], [28, 84]]
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "Qwen2VL": [
        {**PATCHES, "size": {"shortest_edge": 1024, "longest_edge": 16384}},
        {"patch_size": 14, "size": {"shortest_edge": 3136, "longest_edge": 50176}, "temporal_patch_size": 3, "do_normalize": False},
        {"patch_size": 16, "size": {"shortest_edge": 3136, "longest_edge": 50176}, "merge_size": 1, "resample": 2, "image_mean": [0.5, 0.5, 0.5]},
    ],
    "Glm4v": [{**PATCHES, "size": {"shortest_edge": 4096, "longest_edge": 32768}}],
    "Ernie4_5_VLMoe": [{**PATCHES, "size": {"shortest_edge": 1024, "longest_edge": 16384}}],
    "Glm46V": [{**PATCHES, "size": {"shortest_edge": 4096, "longest_edge": 32768}}],
    "Glmga": [{**PATCHES, "size": {"shortest_edge": 4096, "longest_edge": 32768}, "patch_expand_factor": 2}],
    "CohereCompass": [{**PATCHES, "size": {"shortest_edge": 1024, "longest_edge": 16384}}],
    "HYV4VL": [{**PATCHES, "size": {"shortest_edge": 1024, "longest_edge": 16384}}],
    "HunYuanVL": [{**PATCHES, "size": {"shortest_edge": 1024, "longest_edge": 16384}}],
    "MiniMaxM3VL": [{**PATCHES, "size": {"shortest_edge": 1024, "longest_edge": 16384}}],
    "VideoLlama3": [{**PATCHES, "size": {"shortest_edge": 1024, "longest_edge": 16384}}],
    "PaddleOCRVL": [{**PATCHES, "size": {"shortest_edge": 1024, "longest_edge": 16384}}],
    "Cosmos3Edge": [{**PATCHES, "size": {"shortest_edge": 1024, "longest_edge": 16384}}],
    "GlmImage": [
        {**PATCHES, "size": {"shortest_edge": 1024, "longest_edge": 16384}},
        {"patch_size": 6, "size": {"shortest_edge": 25600, "longest_edge": 57600}, "temporal_patch_size": 1, "do_normalize": False},
    ],
    "Glm5Next": [
        {**PATCHES, "min_image_tokens": 16, "max_image_tokens": 256},
        {**PATCHES, "min_image_tokens": 4, "max_image_tokens": 64, "patch_expand_factor": 2, "temporal_patch_size": 3, "resample": 2},
    ],
    "Kimi_K25": [{**PATCHES, "size": {"max_height": 40, "max_width": 40}, "max_patches": 256}, {"max_patches": 64, "merge_size": 1, "do_normalize": False}],
    "MuseGlimmer": [{**PATCHES, "max_image_tokens": 64}, {"max_image_tokens": 32, "temporal_patch_size": 3, "resample": 3, "do_normalize": False}],
    "NeoMME": [
        {"patch_size": 8},
        {"patch_size": 6, "max_side": 90, "do_normalize": False},
        {"patch_size": 8, "size": {"min_pixels": 9000, "max_pixels": 16384}, "max_side": 200, "resample": 3},
        {"patch_size": 8, "size": {"min_pixels": 30000, "max_pixels": 30100}},
        {"patch_size": 10, "do_resize": False},
    ],
    "Siglip2": [{"patch_size": 8, "max_num_patches": 64}, {"max_num_patches": 100, "resample": 3, "do_rescale": False}],
    "Gemma4": [{"patch_size": 4, "max_soft_tokens": 70}, {"patch_size": 6, "max_soft_tokens": 140, "pooling_kernel_size": 2, "do_normalize": True}],
    "Gemma4Unified": [{"patch_size": 4, "max_soft_tokens": 70}, {"patch_size": 6, "max_soft_tokens": 140, "pooling_kernel_size": 2, "do_normalize": True}],
    "Lfm2Vl": [
        {"encoder_patch_size": 4, "tile_size": 32, "min_image_tokens": 4, "max_image_tokens": 32},
        {"encoder_patch_size": 4, "tile_size": 32, "min_image_tokens": 4, "max_image_tokens": 32, "use_thumbnail": False, "max_tiles": 6},
        {"encoder_patch_size": 4, "tile_size": 32, "min_image_tokens": 4, "max_image_tokens": 32, "do_image_splitting": False},
    ],
    "Pixtral": [{"size": {"longest_edge": 64}, "patch_size": 4}, {"size": {"height": 90, "width": 60}, "patch_size": {"height": 6, "width": 8}}],
    "Apertus1p5": [{"size": {"min_pixels": 1024, "max_pixels": 16384}}, {"size": {"min_pixels": 1024, "max_pixels": 4096}, "spatial_factor": 6, "do_rescale": False}],
    "Emu3": [{"min_pixels": 1024, "max_pixels": 16384}, {"min_pixels": 1024, "max_pixels": 4096, "spatial_factor": 6, "do_normalize": False}],
    "Llava": [{"do_pad": True, "size": {"shortest_edge": 28}, "crop_size": 24}, {"do_pad": True, "size": {"height": 30, "width": 20}, "do_center_crop": False}],
    "LlavaNext": [
        {"size": {"shortest_edge": 28}, "crop_size": 28, "image_grid_pinpoints": GRIDS},
        {"size": {"shortest_edge": 28}, "crop_size": 24, "image_grid_pinpoints": GRIDS},
        {"size": {"height": 28, "width": 28}, "crop_size": 28, "image_grid_pinpoints": GRIDS, "do_rescale": False},
    ],
    "LlavaOnevision": [{"size": {"height": 28, "width": 28}, "image_grid_pinpoints": GRIDS}],
    "Idefics2": [{"size": {"shortest_edge": 20, "longest_edge": 70}}, {"size": {"shortest_edge": 20, "longest_edge": 70}, "do_image_splitting": True}],
    "Idefics3": [
        {"size": {"longest_edge": 96}, "max_image_size": {"longest_edge": 28}}, {"size": {"longest_edge": 28}, "max_image_size": {"longest_edge": 28}},
        {"size": {"longest_edge": 96}, "max_image_size": {"longest_edge": 28}, "do_image_splitting": False, "resample": 3},
    ],
    "SmolVLM": [{"size": {"longest_edge": 112}, "max_image_size": {"longest_edge": 28}, "do_normalize": False}],
    "Gemma3": [
        {"size": {"height": 28, "width": 28}, "do_pan_and_scan": True, "pan_and_scan_min_crop_size": 20, "pan_and_scan_max_num_crops": 4, "pan_and_scan_min_ratio_to_activate": 1.2},
    ],
    "GotOcr2": [{"size": {"height": 28, "width": 28}, "crop_to_patches": True}, {"size": {"height": 24, "width": 28}, "crop_to_patches": True, "min_patches": 2, "max_patches": 6}],
    "Cohere2Vision": [{"size": {"height": 28, "width": 28}}, {"size": {"height": 24, "width": 28}, "max_patches": 6}],
    "GraniteDocling": [
        {"size": {"height": 28, "width": 28}},
        {"size": {"height": 28, "width": 28}, "min_patches": 2, "max_patches": 6, "fine_route": True, "dense_max_patches": 20, "dense_max_scale": 0.9, "dense_min_aspect": 1.2, "dense_max_aspect": 8},
        {"size": {"height": 24, "width": 28}, "crop_to_patches": False, "min_patches": 3},
    ],
    "PerceptionLM": [{"tile_size": 28, "max_num_tiles": 12}, {"tile_size": 28, "vision_input_type": "vanilla"}],
    "Ovis2": [{"size": {"height": 28, "width": 28}, "crop_to_patches": True}, {"size": {"height": 28, "width": 28}, "crop_to_patches": True, "use_covering_area_grid": False, "max_patches": 6}],
    "Mllama": [{"size": {"height": 28, "width": 28}}, {"size": {"height": 28, "width": 28}, "max_image_tiles": 6}],
    "Llama4": [{"size": {"height": 28, "width": 28}}, {"size": {"height": 28, "width": 28}, "max_patches": 6, "resize_to_max_canvas": True}],
    "Janus": [{"size": {"height": 40, "width": 40}}, {"size": {"height": 31, "width": 31}, "min_size": 9}],
    "DeepseekVL": [{"size": {"height": 41, "width": 41}}],
    "Phi4Multimodal": [{"size": {"height": 28, "width": 28}}, {"size": {"height": 42, "width": 42}, "patch_size": 6, "dynamic_hd": 9}],
    "Fuyu": [
        {"size": {"height": 90, "width": 160}},
        {"size": {"height": 90, "width": 160}, "padding_value": 7, "image_mean": [0.4, 0.5, 0.6], "resample": 3, "do_rescale": False},
    ],
    "MiniCPMV4_6": [
        {"scale_resolution": 56, "patch_size": 4},
        {"scale_resolution": 48, "patch_size": 6, "max_slice_nums": 4, "downsample_mode": "4x", "resample": 2},
        {"scale_resolution": 56, "patch_size": 4, "slice_mode": False},
    ],
    "MiniCPMOcr": [
        {"scale_resolution": 56, "patch_size": 4},
        {"scale_resolution": 48, "patch_size": 6, "max_slice_nums": 4, "downsample_mode": "16x", "small_image_upsize": "never"},
    ],
    "Aria": [{"max_image_size": 490}],
    "Vilt": [{"size": {"shortest_edge": 40}, "size_divisor": 4}],
    "BridgeTower": [{"size": {"shortest_edge": 40}, "crop_size": {"shortest_edge": 36}, "size_divisor": 4}],
}
# What old files say, and classes that take their images by a name that is not used any more.
FILES: dict[str, list[dict[str, Any]]] = {
    "Qwen2VL": [{**PATCHES, "min_pixels": 2048, "max_pixels": 8192}, {**PATCHES, "min_pixels": 2048, "size": {"shortest_edge": 1024, "longest_edge": 16384}}],
    "PaddleOCRVL": [{**PATCHES, "max_pixels": 8192, "min_pixels": 1024}],
    "GlmImage": [{**PATCHES, "max_pixels": 8192, "min_pixels": 1024}],
    "Idefics3": [{"size": {"longest_edge": 96}, "max_image_size": {"longest_edge": 28}, "return_row_col_info": True}],
    "Lfm2Vl": [{"encoder_patch_size": 4, "tile_size": 32, "min_image_tokens": 4, "max_image_tokens": 32, "return_row_col_info": True}],
    "MiniMaxM3VL": [{**PATCHES, "size": [672, 672]}],
}
# Images that are not resized have to fit as they are.
UNRESIZED = {"Qwen2VL": {**PATCHES, "do_resize": False}, "Siglip2": {"patch_size": 8, "max_num_patches": 200, "do_resize": False}, "Pixtral": {"do_resize": False}}
# Their images are parts of a row, or rows of their own, by the lists that they come in.
LISTED = ("Idefics2", "Idefics3", "SmolVLM", "Mllama", "LlavaOnevision", "Qwen2VL", "GraniteDocling")
# Bytes of these that are neither rescaled nor normalized are refused by pixtok.
NEVER_BYTES = ("Llama4", "Phi4Multimodal")
# Their lists of numbers become float32 in torch, which is what a model takes.
OF_TORCH = ("Fuyu",)
# A large image, transparency and grey.
KINDS: list[Any] = [[[1501, 997]], [ALPHA], [GREY]]
OF_ALL_KINDS = (
    *("Cosmos3Edge", "GlmImage", "Glm5Next", "Kimi_K25", "MuseGlimmer", "NeoMME", "Gemma4Unified", "Apertus1p5", "Emu3"),
    *("Cohere2Vision", "GraniteDocling", "PerceptionLM", "MiniCPMV4_6", "MiniCPMOcr"),
)


def drawn(width: int, height: int) -> Image.Image:
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    planes = [(x * x * (3 + c) + y * y * (5 - c) + x * y * 2 + (x ^ y) * 16) // 4 % 256 for c in range(3)]
    return Image.fromarray(np.stack(planes, axis=-1).astype(np.uint8))


def opened(data: Path, image: Any) -> Image.Image:
    if isinstance(image, list):
        return drawn(*image)
    with Image.open(data / image) as file:
        turned = ImageOps.exif_transpose(file)
        return turned if image in (ALPHA, GREY) else turned.convert("RGB")


def described(value: Any) -> Any:
    if isinstance(value, torch.Tensor) and value.dtype == torch.bfloat16:
        return {**described(value.view(torch.int16)), "dtype": "bfloat16"}
    if not isinstance(value, (torch.Tensor, np.ndarray)):
        return value
    array = np.ascontiguousarray(np.asarray(value))
    shape = list(np.asarray(value).shape)
    return {"shape": shape, "dtype": str(array.dtype), "sha256": hashlib.sha256(array.tobytes()).hexdigest()}


def lines_of(data: Path, name: str, options: dict[str, Any], sets: list[Any], is_file: bool = False) -> list[dict[str, Any]]:
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        if is_file:
            config = {"image_processor_type": f"{name}ImageProcessor", **options}
            (Path(folder) / "preprocessor_config.json").write_text(json.dumps(config), encoding="utf8")
        else:
            getattr(transformers, f"{name}ImageProcessor")(**options).save_pretrained(folder)
            config = json.loads(next(Path(folder).glob("*.json")).read_text(encoding="utf8"))
        for backend in ("torchvision", "pil"):
            processor = transformers.AutoImageProcessor.from_pretrained(folder, backend=backend)
            own = getattr(processor, "backend", "pil")
            if own != backend:
                continue
            for images in sets:
                nested = isinstance(images[0], list) and isinstance(images[0][0], list)
                given = [[opened(data, one) for one in some] for some in images] if nested else [opened(data, one) for one in images]
                try:
                    result = processor(images=given, return_tensors="pt" if own == "torchvision" or name in OF_TORCH else "np")
                except (ValueError, RuntimeError) as error:
                    print(name, backend, images, str(error)[:100])
                    continue
                lines.append({
                    "processor": f"{name}ImageProcessor", "config": config, "backend": backend, "image": images,
                    "outputs": {key: described(value) for key, value in result.items()},
                })
    return lines


def main() -> None:
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    lines: list[dict[str, Any]] = []
    single = [[image] for image in SINGLE]
    for name, several in OPTIONS.items():
        for index, options in enumerate(several):
            sets = single + [TWO] if index == 0 and name != "Aria" else single[1:4] + [TWO]
            kinds = KINDS if index == 0 and name in OF_ALL_KINDS else []
            alike = [ALIKE] if name == "PerceptionLM" else []
            lines += lines_of(data, name, options, sets + kinds + alike + ([NESTED] if name in LISTED else []))
    for name, several in OPTIONS.items():
        if name in NEVER_BYTES:
            continue
        lines += lines_of(data, name, {**several[0], "do_rescale": False, "do_normalize": False}, [single[0], TWO])
    for name, several in FILES.items():
        for options in several:
            lines += lines_of(data, name, options, [*single[:2], TWO], is_file=True)
    for name, options in UNRESIZED.items():
        lines += lines_of(data, name, options, [[[64, 96]], [[64, 96], [32, 48]]])
    lines += lines_of(data, "Aria", {"max_image_size": 490, "split_image": True}, [[[1100, 700]]])
    # six in a row are as far from its aspect as two rows of three, but for the last bit of their logarithms
    lines += lines_of(data, "MiniCPMV4_6", {"scale_resolution": 56, "patch_size": 4, "max_slice_nums": 7}, [[[420, 140]]])
    for name in ("Qwen2VL", "Mllama", "GotOcr2"):
        lines += lines_of(data, name, OPTIONS[name][0], [[ALPHA]])
    for backend, file in (("pil", "vision.jsonl"), ("torchvision", "vision.torch.jsonl")):
        text = "".join(json.dumps(line) + "\n" for line in lines if line["backend"] == backend)
        (out / file).write_text(text, encoding="ascii", newline="\n")
    print("vision", len(lines))


if __name__ == "__main__":
    main()
