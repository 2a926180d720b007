"""Makes of what train.py has saved a folder like those of the hub, which onnxruntime-node runs.

    python export_onnx.py TOWERS.pt PACKED OUT

OUT gets `onnx/vision_model.onnx`, `onnx/text_model.onnx`, the tokenizer and the image processor's configuration: PACKED is
the set that it was trained on. Needs torch and onnx.
"""

import json
import shutil
import sys
from pathlib import Path

import torch
from packed_set import PackedSet
from towers import ImageTower, TextTower


def main() -> None:
    towers, packed, out = (Path(argument) for argument in sys.argv[1:4])
    saved = torch.load(towers)
    images, texts = ImageTower(), TextTower(len(saved["texts"]["words.weight"]))
    images.load_state_dict(saved["images"])
    texts.load_state_dict(saved["texts"])
    (out / "onnx").mkdir(parents=True, exist_ok=True)

    rows = PackedSet(packed)
    _, height, width = rows.shape
    pixels = torch.zeros(2, 3, height, width)
    ids = torch.ones(2, 7, dtype=torch.int64)
    torch.onnx.export(
        images.eval(),
        (pixels,),
        out / "onnx/vision_model.onnx",
        input_names=["pixel_values"],
        output_names=["image_embeds"],
        dynamic_axes={"pixel_values": {0: "rows"}},
        dynamo=False,
    )
    torch.onnx.export(
        texts.eval(),
        (ids, ids),
        out / "onnx/text_model.onnx",
        input_names=["input_ids", "attention_mask"],
        output_names=["text_embeds"],
        dynamic_axes={name: {0: "rows", 1: "tokens"} for name in ("input_ids", "attention_mask")},
        dynamo=False,
    )
    shutil.copy(packed / "tokenizer.json", out)
    tokenizer = json.loads((packed / "tokenizer_config.json").read_text("utf8"))
    write(out / "tokenizer_config.json", tokenizer | {"model_max_length": rows.config["text"]["maxLength"]})
    processor = rows.config["processor"]
    configuration = {
        "image_processor_type": "ViTImageProcessor",
        "size": {"height": height, "width": width},
        "resample": 2,
        "image_mean": processor["mean"],
        "image_std": processor["std"],
    }
    write(out / "preprocessor_config.json", configuration)


def write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", "utf8")


if __name__ == "__main__":
    main()
