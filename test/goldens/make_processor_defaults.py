"""Writes what the image processors of transformers have as defaults.

    python make_processor_defaults.py ../data/goldens

Writes OUT/processor-defaults.jsonl: one JSON object a line, of a class by its name without "ImageProcessor". `models` has the
values of `model_type` that transformers takes it for; `torchvision` and `pil` what an instance without arguments saves, without
what is None, of each backend that the class has; `both` where it is the same.
"""

import json
import os
import sys
import warnings
from pathlib import Path

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
os.environ["HF_HUB_OFFLINE"] = "1"
warnings.filterwarnings("ignore")

import transformers  # noqa: E402
from transformers.models.auto.image_processing_auto import IMAGE_PROCESSOR_MAPPING_NAMES  # noqa: E402


def family_of(name: str) -> str:
    return name.removesuffix("Pil").removesuffix("ImageProcessor")


def main(out: Path) -> None:
    classes: dict[str, dict[str, object]] = {}
    for model, names in IMAGE_PROCESSOR_MAPPING_NAMES.items():
        for backend, name in names.items():
            if name is None:
                continue
            entry = classes.setdefault(family_of(name), {"class": family_of(name), "models": []})
            if model not in entry["models"]:
                entry["models"].append(model)
            try:
                saved = json.loads(getattr(transformers, name)().to_json_string())
            except Exception as error:  # noqa: BLE001
                print(f"{name}: {error}"[:200], file=sys.stderr)
                continue
            del saved["image_processor_type"]
            entry[backend] = {key: value for key, value in sorted(saved.items()) if value is not None}
    for entry in classes.values():
        if "pil" in entry and entry["pil"] == entry.get("torchvision"):
            entry["both"] = entry.pop("pil")
            del entry["torchvision"]
    with (out / "processor-defaults.jsonl").open("w", encoding="utf8") as file:
        for entry in sorted(classes.values(), key=lambda one: str(one["class"])):
            print(json.dumps(entry), file=file)


main(Path(sys.argv[1]))
