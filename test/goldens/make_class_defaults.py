"""Writes what processor classes of transformers have where a model's files say nothing.

    python make_class_defaults.py ../data/goldens

Writes OUT/class-defaults.jsonl: one JSON object a line, of a class that puts images and texts together, by its name without
"Processor". `models` has the values of `model_type` that transformers takes it for, `given` the defaults of its parameters,
`images` what it gives its image processor where a call says nothing, `tokens` the tokens that it takes where its tokenizer names
none, and `asked` the names that it asks its tokenizer for.
"""

import ast
import inspect
import json
import os
import sys
import textwrap
import warnings
from pathlib import Path

os.environ["TRANSFORMERS_VERBOSITY"] = "error"
os.environ["HF_HUB_OFFLINE"] = "1"
warnings.filterwarnings("ignore")

import transformers  # noqa: E402
from transformers.models.auto.processing_auto import PROCESSOR_MAPPING_NAMES  # noqa: E402


def name_asked(call: ast.expr, function: str) -> str | None:
    """The name in hasattr(tokenizer, "name") or getattr(tokenizer, "name", …)."""
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or call.func.id != function:
        return None
    of, name = call.args[:2]
    is_tokenizer = ast.unparse(of) in ("tokenizer", "self.tokenizer")
    return name.value if is_tokenizer and isinstance(name, ast.Constant) else None


def text_of(node: ast.expr) -> str | None:
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "AddedToken":
        node = node.args[0]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def tokens_of(init: ast.AST) -> tuple[dict[str, str], list[str]]:
    tokens: dict[str, str] = {}
    asked: set[str] = set()
    for node in ast.walk(init):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in ("tokenizer", "self.tokenizer"):
            asked.add(node.attr)
        if isinstance(node, ast.Call) and name_asked(node, "getattr") and len(node.args) == 3:
            asked.add(name_asked(node, "getattr"))
            text = text_of(node.args[2])
            if text is not None:
                tokens[name_asked(node, "getattr")] = text
        if isinstance(node, ast.IfExp):
            test, otherwise = node.test, node.orelse
            if isinstance(test, ast.UnaryOp):
                test, otherwise = test.operand, node.body
            name, text = name_asked(test, "hasattr"), text_of(otherwise)
            if name is not None and text is not None:
                tokens[name] = text
    return tokens, sorted(asked)


def main(out: Path) -> None:
    with (out / "class-defaults.jsonl").open("w", encoding="utf8") as file:
        for name in sorted(set(PROCESSOR_MAPPING_NAMES.values())):
            processor = getattr(transformers, name, None)
            if processor is None or "image_processor" not in inspect.signature(processor.__init__).parameters:
                continue
            parameters = inspect.signature(processor.__init__).parameters.values()
            given = {
                one.name: one.default
                for one in parameters
                if one.name != "chat_template" and isinstance(one.default, (bool, int, float, str))
            }
            models = sorted(model for model, of in PROCESSOR_MAPPING_NAMES.items() if of == name)
            images = getattr(processor, "images_kwargs", None)
            init = ast.parse(textwrap.dedent(inspect.getsource(processor.__init__)))
            tokens, asked = tokens_of(init)
            entry = {
                "class": name.removesuffix("Processor"),
                "models": models,
                "given": given,
                "images": images if isinstance(images, dict) else {},
                "tokens": tokens,
                "asked": asked,
            }
            print(json.dumps(entry), file=file)


main(Path(sys.argv[1]))
