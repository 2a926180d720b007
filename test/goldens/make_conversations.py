"""Writes what transformers' processors make of conversations about images: ids, masks, labels and tensors.

    python make_conversations.py ../data ../data/goldens

Reads DATA/chat/templates, writes DATA/chat/tokenizer.json and OUT/conversations.jsonl.gz. Of each of MODELS there is a line
with `model`, its `tokens` that are added to the tokenizer, and its `files` by name; then one for each call with the number of
the `model`, the `rows` (messages or a text, and images as [width, height] of those that `drawn` makes, which
test/support/drawn-image.ts makes, too), the `options`, and what Python gives by name: `outputs` has ids, masks and types as lists of
rows, `tensors` shape, dtype and SHA-256 of the raw little-endian bytes of all else. Where Python refuses, `error` has its words.
"""

import gzip
import hashlib
import json
import os
import random
import sys
import tempfile
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

os.environ["TRANSFORMERS_VERBOSITY"] = "critical"
os.environ["HF_HUB_OFFLINE"] = "1"
warnings.filterwarnings("ignore")

import numpy as np  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402
from PIL import Image  # noqa: E402
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers  # noqa: E402

torch.set_num_threads(2)

SENTENCES = """A photo of a cat that sits on the mat. What is in the picture? Describe the image in one sentence, please.
There are two dogs and a red ball. How many people do you see? The left one is larger than the right one. You are a helpful
assistant. I cannot see any text here. The weather in Paris is 21 degrees, and it rains. Answer with yes or no. Yes. No.
""".replace("\n", " ")

STANDARD = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}

QWEN = {"min_pixels": 28 * 28 * 4, "max_pixels": 28 * 28 * 30}
HALF = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
MINICPM = {
    **{"image_token": "<|image_pad|>", "video_token": "<|video_pad|>", "image_start_token": "<image>", "image_end_token": "</image>"},
    **{"slice_start_token": "<slice>", "slice_end_token": "</slice>", "image_id_start_token": "<image_id>", "image_id_end_token": "</image_id>"},
}
PINPOINTS = [[56, 112], [112, 56], [112, 112]]


def images(name: str, **keys: Any) -> dict[str, Any]:
    return {"image_processor_type": f"{name}ImageProcessor", **keys}


# name of the class, template, names of tokens, more tokens, the image processor's keys, the processor's
MODELS: list[dict[str, Any]] = [
    {
        "class": "Qwen2_5_VLProcessor",
        "template": "qwen2_5_vl_training",
        "tokens": ["<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"],
        "images": images("Qwen2VL", **QWEN),
    },
    {
        "class": "Qwen3VLProcessor",
        "template": "qwen3_vl_training",
        "tokens": ["<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"],
        "images": images("Qwen2VL", patch_size=16, size={"shortest_edge": 4096, "longest_edge": 32768}, **HALF),
    },
    {
        "class": "Qwen2VLProcessor",
        "template": "qwen3_training",
        "tokens": ["<|im_start|>", "<|im_end|>", "<|image_pad|>", "<|video_pad|>", "<tool_call>", "</tool_call>", "<think>", "</think>"],
        "images": images("Qwen2VL", **QWEN),
        "has_tools": True,
        "only_text": True,
    },
    {
        "class": "LlavaProcessor",
        "template": "llava",
        "tokens": ["<image>"],
        "images": images("CLIP", size={"shortest_edge": 56}, crop_size={"height": 56, "width": 56}),
        "config": {"patch_size": 14, "num_additional_image_tokens": 1, "vision_feature_select_strategy": "default"},
    },
    {
        "class": "LlavaNextProcessor",
        "template": "llava_next_training",
        "tokens": ["<image>"],
        "images": images("LlavaNext", size={"shortest_edge": 56}, crop_size=56, image_grid_pinpoints=PINPOINTS),
        "config": {"patch_size": 14, "num_additional_image_tokens": 1, "vision_feature_select_strategy": "default"},
        "only_parts": True,
    },
    {
        "class": "LlavaOnevisionProcessor",
        "template": "llava",
        "tokens": ["<image>", "<video>"],
        "images": images("LlavaOnevision", size={"height": 56, "width": 56}, image_grid_pinpoints=[[a, b] for a in (56, 112, 168) for b in (56, 112, 168)]),
        "config": {"num_image_tokens": 16, "vision_feature_select_strategy": "full", "vision_aspect_ratio": "anyres_max_2"},
        "videos": True,
    },
    {
        "class": "Idefics3Processor",
        "template": "idefics3_training",
        "tokens": ["<fake_token_around_image>", "<image>", "<end_of_utterance>", "<global-img>", "<row_1_col_1>", "<row_1_col_2>", "<row_2_col_1>", "<|begin_of_text|>"],
        "images": images("Idefics3", size={"longest_edge": 112}, max_image_size={"longest_edge": 56}),
        "config": {"image_seq_len": 4},
        "only_parts": True,
    },
    {
        "class": "SmolVLMProcessor",
        "template": "smolvlm_training",
        "named": {"image_token": "<image>", "fake_image_token": "<fake_token_around_image>", "global_image_token": "<global-img>", "end_of_utterance_token": "<end_of_utterance>"},
        "tokens": ["<row_1_col_1>", "<row_1_col_2>", "<|im_start|>"],
        "images": images("SmolVLM", size={"longest_edge": 112}, max_image_size={"longest_edge": 56}),
        "config": {"image_seq_len": 5},
        "videos": True,
        "only_parts": True,
    },
    {
        "class": "Gemma3Processor",
        "template": "gemma3_training",
        "named": {"boi_token": "<start_of_image>", "eoi_token": "<end_of_image>", "image_token": "<image_soft_token>"},
        "tokens": ["<start_of_turn>", "<end_of_turn>"],
        "images": images("Gemma3", size={"height": 56, "width": 56}),
        "config": {"image_seq_length": 6},
    },
    {
        "class": "PixtralProcessor",
        "template": "pixtral",
        "tokens": ["[IMG]", "[IMG_BREAK]", "[IMG_END]", "[INST]", "[/INST]"],
        "images": images("Pixtral", size={"longest_edge": 128}, patch_size={"height": 16, "width": 16}),
        "config": {"patch_size": 14, "spatial_merge_size": 2},
    },
    {
        "class": "MllamaProcessor",
        "template": "llama3_2_vision",
        "tokens": ["<|image|>", "<|python_tag|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
        "named": {"bos_token": "<|begin_of_text|>"},
        "images": images("Mllama", size={"height": 56, "width": 56}),
        "kwargs": {"date_string": "26 Jul 2024"},
        "has_tools": True,
        "no_system_with_images": True,
    },
    {
        "class": "Lfm2VlProcessor",
        "template": "lfm2_vl",
        "named": {"image_token": "<image>", "image_start_token": "<|image_start|>", "image_end_token": "<|image_end|>", "image_thumbnail_token": "<|img_thumbnail|>"},
        "tokens": ["<|im_start|>", "<|im_end|>", "<|img_row_1_col_1|>", "<|img_row_1_col_2|>", "<|img_row_2_col_1|>"],
        "images": images("Lfm2Vl", tile_size=64, encoder_patch_size=8, max_image_tokens=16, min_image_tokens=4, max_pixels_tolerance=1.5, min_tiles=2, max_tiles=4),
        "has_tools": True,
    },
    {
        "class": "InternVLProcessor",
        "template": "glm4moe_training",
        "named": {"start_image_token": "<img>", "end_image_token": "</img>", "context_image_token": "<IMG_CONTEXT>", "video_token": "<video>"},
        "tokens": ["<|user|>", "<|assistant|>", "<|system|>", "<|observation|>", "<think>", "</think>", "<tool_call>", "</tool_call>"],
        "images": images("GotOcr2", size={"height": 56, "width": 56}, max_patches=4),
        "config": {"image_seq_length": 3},
        "videos": True,
        "has_tools": True,
        "no_images": True,
    },
    {
        "class": "Idefics2Processor",
        "template": "llama3_1",
        "named": {"image_token": "<image>", "image_boundary_token": "<fake_token_around_image>"},
        "tokens": ["<end_of_utterance>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
        "images": images("Idefics2", size={"shortest_edge": 56, "longest_edge": 112}, do_image_splitting=False),
        "config": {"image_seq_len": 3},
        "kwargs": {"date_string": "26 Jul 2024"},
        "has_tools": True,
        "only_text": True,
    },
]

# Classes whose placeholders alone are tried, by texts: the same as above, and `place`.
TEXT_MODELS: list[dict[str, Any]] = [
    {**MODELS[0], "place": "<|vision_start|><|image_pad|><|vision_end|>"},
    {**MODELS[3], "images": images("Llava", size={"shortest_edge": 42}, crop_size=42, do_pad=True), "place": "<image>\n"},
    {**MODELS[6], "place": "<image>"},
    {**MODELS[8], "place": "<start_of_image>"},
    {**MODELS[9], "place": "[IMG]"},
    {**MODELS[10], "place": "<|image|>"},
    {**MODELS[11], "images": images("Lfm2Vl", tile_size=64, encoder_patch_size=8, downsample_factor=3, max_image_tokens=16, min_image_tokens=4, max_pixels_tolerance=1.2, min_tiles=2, max_tiles=4, use_thumbnail=False), "place": "<image>"},
    {**MODELS[12], "place": "<IMG_CONTEXT>"},
    {**MODELS[13], "place": "<image>"},
    {**MODELS[13], "images": images("Idefics2", size={"shortest_edge": 56, "longest_edge": 112}, do_image_splitting=True), "place": "<image>"},
    {
        "class": "VideoLlama3Processor",
        "tokens": ["<|image_pad|>", "<|video_pad|>"],
        "images": images("VideoLlama3", min_pixels=56 * 56, max_pixels=150 * 150),
        "place": "<|image_pad|>",
        "videos": True,
    },
    {
        "class": "Glm4vProcessor",
        "tokens": ["<|image|>", "<|video|>", "<|begin_of_image|>", "<|end_of_image|>", "<|begin_of_video|>", "<|end_of_video|>"],
        "images": images("Glm4v", size={"shortest_edge": 6272, "longest_edge": 50000}),
        "place": "<|begin_of_image|><|image|><|end_of_image|>",
    },
    {
        "class": "Glm46VProcessor",
        "tokens": ["<|image|>", "<|video|>", "<|begin_of_image|>", "<|end_of_image|>", "<|begin_of_video|>", "<|end_of_video|>"],
        "images": images("Glm46V", size={"shortest_edge": 6272, "longest_edge": 50000}),
        "place": "<|begin_of_image|><|image|><|end_of_image|>",
    },
    {
        "class": "Ernie4_5_VLMoeProcessor",
        "named": {"image_token": "<|IMAGE_PLACEHOLDER|>", "image_start_token": "<|IMAGE_START|>", "image_end_token": "<|IMAGE_END|>", "video_token": "<|VIDEO_PLACEHOLDER|>", "video_start_token": "<|VIDEO_START|>", "video_end_token": "<|VIDEO_END|>"},
        "images": images("Ernie4_5_VLMoe", size={"shortest_edge": 3136, "longest_edge": 20000}),
        "place": "<|IMAGE_START|><|IMAGE_PLACEHOLDER|><|IMAGE_END|>",
    },
    {
        "class": "PaddleOCRVLProcessor",
        "named": {"image_token": "<|IMAGE_PLACEHOLDER|>"},
        "images": images("PaddleOCRVL", size={"shortest_edge": 3136, "longest_edge": 20000}),
        "place": "<|IMAGE_PLACEHOLDER|>",
    },
    {
        "class": "AyaVisionProcessor",
        "tokens": ["<image>", "<|START_OF_IMG|>", "<|END_OF_IMG|>", "<|IMG_PATCH|>", "<|IMG_LINE_BREAK|>", "TILE", "TILE_GLOBAL"],
        "images": images("GotOcr2", size={"height": 56, "width": 56}, max_patches=4),
        "config": {"patch_size": 14, "img_size": 56, "downsample_factor": 2},
        "place": "<image>",
    },
    {
        "class": "GotOcr2Processor",
        "tokens": ["<imgpad>", "<img>", "</img>"],
        "images": images("GotOcr2", size={"height": 28, "width": 28}),
        "place": "<img><imgpad></img>",
    },
    {
        "class": "Llama4Processor",
        "tokens": ["<|image|>", "<|image_start|>", "<|image_end|>", "<|patch|>", "<|tile_x_separator|>", "<|tile_y_separator|>"],
        "images": images("Llama4", size={"height": 56, "width": 56}, max_patches=6),
        "config": {"patch_size": 14, "pixel_shuffle_ratio": 0.5},
        "place": "<|image|>",
    },
    {
        "class": "Ovis2Processor",
        "tokens": ["<image>", "<IMG_START>", "<IMG_ATOM>", "<IMG_GRID>", "<IMG_COL>", "<IMG_ROW>", "<IMG_END>"],
        "images": images("Ovis2", size={"height": 56, "width": 56}, crop_to_patches=True, max_patches=4),
        "config": {"image_seq_length": 3},
        "place": "<image>",
    },
    {
        "class": "JanusProcessor",
        "named": {"image_token": "<image_placeholder>", "boi_token": "<begin_of_image>", "eoi_token": "<end_of_image>"},
        "images": images("Janus", size={"height": 28, "width": 28}),
        "config": {"num_image_tokens": 4, "use_default_system_prompt": True},
        "place": "<image_placeholder>",
    },
    {
        "class": "DeepseekVLProcessor",
        "named": {"image_token": "<image_placeholder>"},
        "images": images("DeepseekVL", size={"height": 28, "width": 28}),
        "config": {"num_image_tokens": 4},
        "place": "<image_placeholder>",
    },
    {
        "class": "Phi4MultimodalProcessor",
        "named": {"image_token": "<|image|>", "audio_token": "<|audio|>"},
        "images": images("Phi4Multimodal", size={"height": 56, "width": 56}, dynamic_hd=4),
        "place": "<|image|>",
    },
    {
        "class": "Gemma4Processor",
        "named": {"image_token": "<|image|>", "boi_token": "<|image>", "eoi_token": "<image|>", "audio_token": "<|audio|>", "boa_token": "<|audio>", "eoa_token": "<audio|>"},
        "tokens": ["<|video|>"],
        "images": images("Gemma4", patch_size=4, max_soft_tokens=70),
        "place": "<|image|>",
    },
    {
        "class": "AriaProcessor",
        "named": {"image_token": "<fim_prefix>"},
        "images": images("Aria", max_image_size=490),
        "config": {"size_conversion": {"490": 4, "980": 8}},
        "keys": {"max_image_size": 490},
        "place": "<fim_prefix>",
    },
    {**MODELS[8], "images": images("Gemma3", size={"height": 56, "width": 56}), "keys": {"do_pan_and_scan": True, "pan_and_scan_min_crop_size": 40}, "place": "<start_of_image>"},
    {
        "class": "MiniCPMV4_6Processor",
        "named": MINICPM,
        "images": images("MiniCPMV4_6", scale_resolution=48, patch_size=4),
        "place": "<|image_pad|>",
    },
    {
        "class": "MiniCPMV4_6Processor",
        "named": MINICPM,
        "images": images("MiniCPMV4_6", scale_resolution=32, patch_size=4, downsample_mode="4x", use_image_id=False),
        "place": "<|image_pad|>",
    },
    {
        "class": "MiniCPMV4_7Processor",
        "named": MINICPM,
        "images": images("MiniCPMV4_6", scale_resolution=48, patch_size=4, slice_mode=False),
        "place": "<|image_pad|>",
    },
    {
        "class": "MiniCPMOcrProcessor",
        "named": MINICPM,
        "images": images("MiniCPMOcr", scale_resolution=48, patch_size=4),
        "place": "<|image_pad|>",
    },
]


def trained(path: Path) -> None:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=list(STANDARD.values()),
        show_progress=False,
    )
    tokenizer.train_from_iterator([SENTENCES] * 4, trainer)
    tokenizer.save(str(path), pretty=False)


def drawn(width: int, height: int) -> Image.Image:
    y, x = np.mgrid[0:height, 0:width]
    planes = [x * x * (3 + c) + y * y * (5 - c) + x * y * 2 + (x ^ y) * 16 for c in range(3)]
    return Image.fromarray((np.stack(planes, axis=-1) // 4 % 256).astype(np.uint8))


def model_files(data: Path, model: dict[str, Any]) -> tuple[list[str], dict[str, Any]]:
    named = {**STANDARD, **model.get("named", {})}
    tokens = [token for token in [*named.values(), *model.get("tokens", [])] if token not in STANDARD.values()]
    template = model.get("template")
    files: dict[str, Any] = {
        "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 4096, **named},
        "preprocessor_config.json": model["images"],
        "processor_config.json": {"processor_class": model["class"], **model.get("config", {})},
    }
    if template is not None:
        files["chat_template.jinja"] = f"templates/{template}.jinja"
    return list(dict.fromkeys(tokens)), files


def saved(data: Path, folder: Path, tokens: list[str], files: dict[str, Any]) -> None:
    definition = json.loads((data / "chat/tokenizer.json").read_text())
    first = len(definition["model"]["vocab"])
    definition["added_tokens"] += [
        {"id": first + at, "content": token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
        for at, token in enumerate(tokens)
    ]
    (folder / "tokenizer.json").write_text(json.dumps(definition))
    for name, content in files.items():
        text = (data / "chat" / content).read_text() if isinstance(content, str) else json.dumps(content)
        (folder / name).write_text(text)


def loaded(folder: Path, model: dict[str, Any]) -> Any:
    tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(folder)
    image_processor = transformers.AutoImageProcessor.from_pretrained(folder)
    config = {**model.get("config", {})}
    config.pop("size", None)
    template = folder / "chat_template.jinja"
    if template.exists():
        config["chat_template"] = template.read_text()
    kind = getattr(transformers, model["class"])
    takes = kind.get_attributes()
    given: dict[str, Any] = {"image_processor": image_processor, "tokenizer": tokenizer}
    # what is for videos and sounds alone
    for name in takes:
        if name not in given:
            given[name] = SimpleNamespace(num_frames=None, fps=None, slice_mode=True, downsample_mode="16x")
            kind.check_argument_for_proper_class = lambda self, name, value: None
    return kind(**given, **config)


class Chats:
    def __init__(self, seed: int, model: dict[str, Any]) -> None:
        self.random = random.Random(seed)
        self.model = model

    def text(self, most: int = 8) -> str:
        words = [*SENTENCES.split(), "\n", "\n\n", "  ", "Zürich", "你好", "😀", "<b>&amp;</b>", "'a'", '"b"', "\u00a0", "{{x}}", "\ttab"]
        return " ".join(self.random.choice(words) for _ in range(self.random.randint(0, most)))

    def said(self) -> str:
        return self.text() or "Yes."

    def size(self) -> list[int]:
        return self.random.choice([[97, 64], [30, 64], [64, 120], [56, 56], [150, 40], [33, 101]])

    def value(self) -> Any:
        return self.random.choice([self.text(2), 3, -1, 2.5, 1e20, True, None, [1, "a"], {"b": [], "ä": {}}])

    def tool(self) -> dict[str, Any]:
        properties = {name: {"type": "string", "description": self.text(3)} for name in ["city", "unit"][: self.random.randint(0, 2)]}
        parameters = {"type": "object", "properties": properties, "required": list(properties)[:1]}
        return {"type": "function", "function": {"name": "get_weather", "description": self.text(4), "parameters": parameters}}

    def content(self, role: str, sizes: list[list[int]], as_text: bool) -> Any:
        if as_text:
            return self.said()
        parts: list[dict[str, Any]] = []
        for _ in range(self.random.randint(0, 2) if role == "user" and not self.model.get("no_images") else 0):
            sizes.append(self.size())
            parts.append({"type": "image"})
        parts.append({"type": "text", "text": self.said()})
        if role == "user" and self.random.random() < 0.3:
            self.random.shuffle(parts)
        return parts

    def row(self) -> dict[str, Any]:
        model, chance = self.model, self.random.random
        as_text = not model.get("only_parts") and (bool(model.get("only_text")) or chance() < 0.4)
        sizes: list[list[int]] = []
        messages: list[dict[str, Any]] = []
        if chance() < 0.4 and not (model.get("no_system_with_images") and not as_text):
            messages.append({"role": "system", "content": self.content("system", [], as_text)})
        for _ in range(self.random.randint(1, 3)):
            messages.append({"role": "user", "content": self.content("user", sizes, as_text)})
            answer: dict[str, Any] = {"role": "assistant", "content": self.content("assistant", sizes, as_text)}
            if model.get("has_tools") and as_text and chance() < 0.3:
                arguments = {name: self.value() for name in ["city", "n"][: self.random.randint(0, 2)]}
                call = {"type": "function", "function": {"name": "get_weather", "arguments": arguments}}
                messages.append({"role": "assistant", "content": "" if chance() < 0.5 else None, "tool_calls": [call]})
                messages.append({"role": "tool", "name": "get_weather", "content": self.said()})
            if model.get("has_tools") and as_text and chance() < 0.2:
                answer["reasoning_content"] = self.text(5)
            messages.append(answer)
        return {"messages": messages, "images": sizes}


def summary(value: Any) -> dict[str, Any]:
    tensor = value if isinstance(value, torch.Tensor) else torch.tensor(np.asarray(value))
    contiguous = tensor.contiguous()
    raw = contiguous.view(torch.uint8) if contiguous.dtype == torch.bfloat16 and contiguous.dim() else contiguous
    digest = hashlib.sha256(raw.numpy().tobytes()).hexdigest()
    return {"dims": list(tensor.shape), "dtype": str(tensor.dtype).removeprefix("torch."), "sha256": digest}


LISTS = {"input_ids", "attention_mask", "token_type_ids", "mm_token_type_ids", "moe_mm_token_type_ids", "assistant_masks"}


def outcome(given: Any, with_tensors: bool) -> dict[str, Any]:
    lists = {name: torch.tensor(np.asarray(value)).tolist() for name, value in given.items() if name in LISTS}
    tensors = {name: summary(value) for name, value in given.items() if name not in LISTS} if with_tensors else {}
    return {"outputs": lists, **({"tensors": tensors} if tensors else {})}


def conversation(processor: Any, model: dict[str, Any], rows: list[dict[str, Any]], options: dict[str, Any], with_tensors: bool) -> dict[str, Any]:
    conversations = []
    for row in rows:
        pictures = iter([drawn(*size) for size in row["images"]])
        chat = []
        for message in row["messages"]:
            content = message["content"]
            if isinstance(content, list):
                content = [{**part, "image": next(pictures)} if part["type"] == "image" else part for part in content]
            chat.append({**message, "content": content})
        conversations.append(chat)
    given = {key: value for key, value in options.items() if key != "template_kwargs"}
    made = processor.apply_chat_template(
        conversations,
        tokenize=True,
        return_dict=True,
        return_tensors="pt",
        processor_kwargs={"padding": True, "padding_side": padding_side(processor)},
        **given,
        **options.get("template_kwargs", {}),
    )
    return outcome(made, with_tensors)


def padding_side(processor: Any) -> str:
    return getattr(processor, "text_kwargs", {}).get("padding_side", "right")


# Faults of Python's own, which say nothing of the conversation.
OWN_FAULTS = ("Unable to convert output", "list index out of range")


def refusal(fault: Exception) -> dict[str, Any] | None:
    if str(fault).startswith(OWN_FAULTS):
        return None
    return {"error": f"{type(fault).__name__}: {str(fault)[:160]}"}


def main() -> None:
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    trained(data / "chat/tokenizer.json")
    lines: list[dict[str, Any]] = []
    for number, model in enumerate([*MODELS, *TEXT_MODELS]):
        tokens, files = model_files(data, model)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            saved(data, folder, tokens, files)
            processor = loaded(folder, model)
        lines.append({"model": model["class"], "tokens": tokens, "files": files, "keys": model.get("keys", {})})
        chats = Chats(number, model)
        if number < len(MODELS):
            has_marks = "generation %}" in processor.chat_template or "generation -%}" in processor.chat_template
            for at in range(100):
                rows = [chats.row() for _ in range(2 if at < 6 else 1)]
                options: dict[str, Any] = {"template_kwargs": model.get("kwargs", {})}
                if has_marks and at % 10 < 8:
                    options["return_assistant_tokens_mask"] = True
                elif at % 10 == 8:
                    options["continue_final_message"] = True
                elif at % 2 == 1:
                    options["add_generation_prompt"] = True
                if model.get("has_tools") and at % 3 == 0:
                    options["tools"] = [chats.tool()]
                try:
                    result = conversation(processor, model, rows, options, at < 8)
                except Exception as fault:
                    result = refusal(fault)
                if result is not None:
                    lines.append({"of": number, "rows": rows, "options": options, **result})
        else:
            for at in range(12):
                rows = []
                for _ in range(1 + at % 2):
                    sizes = [chats.size() for _ in range(1 if model["class"] == "GotOcr2Processor" else chats.random.randint(1, 2))]
                    text = "".join(chats.random.choice([f"{model['place']}", f" {model['place']} ", f"{chats.said()}{model['place']}{chats.said()}"]) for _ in sizes)
                    rows.append({"text": text + chats.text(), "images": sizes})
                nested = [[drawn(*size) for size in row["images"]] for row in rows]
                if model["class"] == "GotOcr2Processor":
                    nested = [one for some in nested for one in some]
                try:
                    given = processor(text=[row["text"] for row in rows], images=nested, return_tensors="pt", padding=True, padding_side=padding_side(processor), **model.get("keys", {}))
                    result = outcome(given, at < 4)
                except Exception as fault:
                    result = refusal(fault)
                if result is not None:
                    lines.append({"of": number, "rows": rows, "options": {}, **result})
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
    with open(out / "conversations.jsonl.gz", "wb") as file:
        file.write(gzip.compress(text.encode(), mtime=0))


main()
