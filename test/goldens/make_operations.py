"""Expected values for operations on images: with parameters that are given, and as they are drawn.

    python make_operations.py DATA OUT     # reads DATA/images, writes OUT/operations.jsonl,
                                           # OUT/recipes.jsonl and OUT/policies.jsonl

A line of operations.jsonl is {"image", "options", "process", "sha256"}, as in augmentation.jsonl:
`process.operations` in pixtok's words, and the bytes that torchvision.transforms.v2.functional
gives for them on a Pillow image.

A line of recipes.jsonl is {"image", "options", "augmentation", "seed", "epoch", "index", "operations",
"sha256"}: what the random transforms of torchvision.transforms.v2 make of a Pillow image when their
random numbers are those of draws.jsonl, and the names of the functions that they have called.

A line of policies.jsonl is {"policy", "steps": [{"name", "probability", "magnitude", "signed"}, ...]}: a pair of
AutoAugment, in the order of torchvision, with the magnitudes that it has for an image of 400 x 300 pixels.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

# gaussian_blur has other weights, in the last bit, where torch uses AVX-512
os.environ["ATEN_CPU_CAPABILITY"] = "avx2"

import numpy as np
import torch
import torchvision.transforms.functional as tv
from make_augmentation import crop_option, philox, sha, write
from PIL import Image
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional as F
from torchvision.transforms.v2._auto_augment import AutoAugmentPolicy

Line = dict[str, object]
Function = Callable[[Image.Image], Image.Image]

RAW = {"type": "uint8", "layout": "hwc"}
IMAGES = ["jpeg-500x375.jpg", "jpeg-17x33.jpg", "jpeg-grey.jpg", "png-rgb.png"]
SIZES = [(48, 40), (33, 33), (3, 50), (1, 1)]


def factors(name: str, function: Callable, values: list[float]) -> Iterator[tuple[Line, Function]]:
    for value in values:
        yield {"name": name, "factor": value}, lambda image, value=value: function(image, value)


def warps(width: int, height: int) -> Iterator[tuple[Line, Function]]:
    for mode in ("nearest", "bilinear", "bicubic"):
        for angle in (0, 7.3, -135, 30, 90, 180, 270, 359.9, -1e-20, 45):
            fill = [10, 200, 30]
            yield (
                {"name": "rotate", "angle": angle, "filter": mode, "fill": fill},
                lambda image, a=angle, m=mode, f=fill: F.rotate(image, a, m, fill=f),
            )
        center = [3.5, 20]
        for angle in (0, 12, 90):
            yield (
                {"name": "rotate", "angle": angle, "filter": mode, "center": center},
                lambda image, a=angle, m=mode: F.rotate(image, a, m, center=center),
            )
        affines = [
            (0, [5, -3], 1, [0, 0], None),
            (0, [0, 0], 0.5, [0, 0], None),
            (0, [0, 0], 1.7, [0, 0], None),
            (0, [0, 0], 1, [16.699244233993621, 0], [0, 0]),
            (0, [0, 0], 1, [0, -44.7], [0, 0]),
            (33, [2, 1], 0.8, [5, -9], None),
            (-100.5, [0, 0], 1.2, [0, 0], [width, 0]),
            (90, [0, 0], 1, [0, 0], None),
            (0, [0, 0], 1e-5, [1, 1], None),
            (0, [width, height], 1, [0, 0], None),
        ]
        for angle, translate, scale, shear, middle in affines:
            words = {"angle": angle, "translate": translate, "scale": scale, "shear": shear}
            fill = [255, 0, 7]
            yield (
                {"name": "affine", **words, "filter": mode, "center": middle, "fill": fill},
                lambda image, w=words, m=mode, c=middle, f=fill: F.affine(
                    image, **w, interpolation=m, center=c, fill=f
                ),
            )


def operations_for(width: int, height: int) -> Iterator[tuple[Line, Function]]:
    around = [0, 0.01, 0.37, 0.5, 0.9, 1, 1.3, 1.99, 7]
    yield from factors("brightness", F.adjust_brightness, around)
    yield from factors("contrast", F.adjust_contrast, around)
    yield from factors("saturation", F.adjust_saturation, around)
    yield from factors("sharpness", F.adjust_sharpness, around)
    yield from factors("hue", F.adjust_hue, [-0.5, -0.1, -0.003, 0, 0.004, 0.25, 0.5])
    yield {"name": "grayscale"}, lambda image: F.rgb_to_grayscale(image, 3)
    yield {"name": "invert"}, F.invert
    yield {"name": "autocontrast"}, F.autocontrast
    yield {"name": "equalize"}, F.equalize
    for bits in range(1, 9):
        yield {"name": "posterize", "bits": bits}, lambda image, b=bits: F.posterize(image, b)
    for threshold in (0, 0.5, 100, 127.5, 255, 256):
        yield (
            {"name": "solarize", "threshold": threshold},
            lambda image, t=threshold: F.solarize(image, t),
        )
    for kernel, sigma in [
        ([3, 3], [0.1, 0.1]),
        ([5, 9], [1, 3.5]),
        ([23, 23], [0.1, 2]),
        ([23, 23], [1.3, 1.3]),
        ([1, 31], [2, 9]),
    ]:
        if kernel[0] // 2 < width and kernel[1] // 2 < height:
            yield (
                {"name": "gaussianBlur", "kernelSize": kernel, "sigma": sigma},
                lambda image, k=kernel, s=sigma: F.gaussian_blur(image, k, s),
            )
    yield from warps(width, height)


def resized(image: Image.Image, width: int, height: int) -> Image.Image:
    return F.resize(image, [height, width])


def operation_lines(name: str, image: Image.Image) -> Iterator[Line]:
    for width, height in SIZES if name == f"images/{IMAGES[0]}" else SIZES[:1]:
        small = resized(image, width, height)
        options = {**RAW, "resize": {"width": width, "height": height}}
        for operation, function in operations_for(width, height):
            process = {"operations": [operation]}
            result = sha(np.asarray(function(small)))
            yield {"image": name, "options": options, "process": process, "sha256": result}


def sequence_lines(name: str, image: Image.Image) -> Iterator[Line]:
    """Several in a row; of a crop and mirrored; normalized; then erased."""
    crop = (1, 2, image.height - 3, image.width - 2)
    part = F.horizontal_flip(F.resized_crop(image, *crop, [30, 26]))
    steps = [
        ({"name": "rotate", "angle": 20, "filter": "bilinear"}, lambda i: F.rotate(i, 20, "bilinear")),
        ({"name": "hue", "factor": 0.1}, lambda i: F.adjust_hue(i, 0.1)),
        ({"name": "contrast", "factor": 1.4}, lambda i: F.adjust_contrast(i, 1.4)),
        (
            {"name": "affine", "shear": [10, 0], "filter": "bicubic"},
            lambda i: F.affine(i, 0, [0, 0], 1, [10, 0], "bicubic"),
        ),
        ({"name": "gaussianBlur", "kernelSize": [5, 5], "sigma": [1, 1]}, lambda i: F.gaussian_blur(i, 5, 1)),
    ]
    for _, function in steps:
        part = function(part)
    operations = [operation for operation, _ in steps]
    process: Line = {"crop": crop_option(crop), "horizontalFlip": True, "operations": operations}
    resize = {"resize": {"width": 26, "height": 30}}
    yield {
        **{"image": name, "options": {**RAW, **resize}, "process": process},
        "sha256": sha(np.asarray(part)),
    }
    tensor = tv.to_tensor(part)
    tensor = F.normalize(tensor, [0.5, 0.4, 0.3], [0.2, 0.3, 0.4])
    tensor = F.erase(tensor, 3, 4, 9, 20, torch.tensor([0.25, -1, 7.5])[:, None, None])
    erase = {"name": "erase", "top": 3, "left": 4, "height": 9, "width": 20, "value": [0.25, -1, 7.5]}
    options = {**resize, "mean": [0.5, 0.4, 0.3], "std": [0.2, 0.3, 0.4]}
    yield {
        **{"image": name, "options": options},
        "process": {**process, "operations": [*operations, erase]},
        "sha256": sha(tensor.numpy()),
    }


@contextlib.contextmanager
def drawing_from(numbers: np.random.Generator) -> Iterator[None]:
    """torch takes its random numbers from here, in float64; all else is as it is."""

    def uniform(tensor: torch.Tensor, least: float, most: float) -> torch.Tensor:
        least, most = float(least), float(most)
        return torch.tensor([numbers.random() * (most - least) + least], dtype=torch.float64)

    def randint(*arguments: int, size: tuple[int, ...] = (), **_: object) -> torch.Tensor:
        ends = [one for one in arguments if isinstance(one, int)]
        least, end = ends if len(ends) == 2 else (0, ends[0])
        return torch.tensor(least + int(numbers.random() * (end - least)))

    def rand(*_: object) -> torch.Tensor:
        return torch.tensor(numbers.random(), dtype=torch.float64)

    def randperm(count: int) -> torch.Tensor:
        order = list(range(count))
        for i in range(count - 1):
            other = i + int(numbers.random() * (count - i))
            order[i], order[other] = order[other], order[i]
        return torch.tensor(order)

    with (
        mock.patch.object(torch.Tensor, "uniform_", uniform),
        mock.patch.multiple(torch, randint=randint, rand=rand, randperm=randperm),
    ):
        yield


CALLED = {
    "adjust_brightness": "brightness",
    "adjust_contrast": "contrast",
    "adjust_saturation": "saturation",
    "adjust_hue": "hue",
    "adjust_sharpness": "sharpness",
    "to_grayscale": "grayscale",
    "rgb_to_grayscale": "grayscale",
    "gaussian_blur": "gaussianBlur",
    **{
        name: name
        for name in ("posterize", "solarize", "invert", "autocontrast", "equalize", "rotate", "affine", "erase")
    },
}


def in_double(transform: v2.RandomErasing | v2.RandomResizedCrop) -> Callable:
    """The logarithm of its ratio is not rounded to float32."""
    transform._log_ratio = torch.log(torch.tensor(transform.ratio, dtype=torch.float64))
    return transform


def transforms_of(options: Line, augmentation: Line) -> list[Callable]:
    """The same in torchvision's words."""
    size = [options["resize"]["height"], options["resize"]["width"]]
    crop = augmentation.get("randomResizedCrop")
    steps: list[Callable] = [
        v2.Resize(size) if crop is None else in_double(v2.RandomResizedCrop(size, **crop))
    ]
    steps.append(v2.RandomHorizontalFlip(augmentation.get("horizontalFlip", 0)))

    def words(name: str, renamed: dict[str, str] = {}) -> Line | None:
        given = augmentation.get(name)
        if given is None:
            return None
        names = {"filter": "interpolation", "numOps": "num_ops", "numMagnitudeBins": "num_magnitude_bins"}
        return {({**names, **renamed}).get(key, key): value for key, value in given.items()}

    def applied(transform: Callable, probability: float) -> Callable:
        return transform if probability == 1 else v2.RandomApply([transform], probability)

    if (given := words("randomRotation")) is not None:
        steps.append(v2.RandomRotation(**given))
    if (given := words("randomAffine")) is not None:
        steps.append(v2.RandomAffine(**given))
    if (given := words("randAugment")) is not None:
        steps.append(v2.RandAugment(**given))
    if (given := words("trivialAugment")) is not None:
        steps.append(v2.TrivialAugmentWide(**given))
    if (given := words("autoAugment")) is not None:
        policy = AutoAugmentPolicy(given.pop("policy", "imagenet"))
        steps.append(v2.AutoAugment(policy, **given))
    if (given := words("colorJitter")) is not None:
        probability = given.pop("probability", 1)
        steps.append(applied(v2.ColorJitter(**given), probability))
    if (given := augmentation.get("randomGrayscale")) is not None:
        steps.append(v2.RandomGrayscale(given))
    if (given := words("gaussianBlur", {"kernelSize": "kernel_size"})) is not None:
        probability = given.pop("probability", 1)
        steps.append(applied(v2.GaussianBlur(**given), probability))
    steps.append(v2.PILToTensor())
    if "mean" in options:
        # as ToTensor: ToDtype of v2 multiplies by 1 / 255
        steps.append(lambda tensor: tensor.float().div(255))
        steps.append(v2.Normalize(options["mean"], options["std"]))
    if (given := words("randomErasing", {"probability": "p"})) is not None:
        steps.append(in_double(v2.RandomErasing(**given)))
    return steps


def run(image: Image.Image, steps: list[Callable]) -> tuple[list[str], np.ndarray]:
    called: list[str] = []

    def noting(name: str, function: Callable) -> Callable:
        def call(*arguments: object, **options: object) -> object:
            called.append(CALLED[name])
            return function(*arguments, **options)

        return call

    originals = {name: getattr(F, name) for name in CALLED}
    noted = {name: noting(name, function) for name, function in originals.items()}
    kernel_of = v2._transform._get_kernel

    def get_kernel(functional: Callable, *arguments: object, **options: object) -> Callable:
        for name, wrapped in noted.items():
            if functional is wrapped:
                called.append(CALLED[name])
                return kernel_of(originals[name], *arguments, **options)
        return kernel_of(functional, *arguments, **options)

    with (
        mock.patch.multiple(F, **noted),
        mock.patch.object(v2._transform, "_get_kernel", get_kernel),
    ):
        result: object = image
        for step in steps:
            result = step(result)
    return called, result.numpy()


SMALL: Line = {**RAW, "layout": "chw", "resize": {"width": 37, "height": 29}}
NORMAL: Line = {
    "resize": {"width": 20, "height": 24},
    "mean": [0.5, 0.4, 0.3],
    "std": [0.2, 0.3, 0.4],
}
# 150 / 331 of this is a whole number
WIDE: Line = {**RAW, "layout": "chw", "resize": {"width": 331, "height": 20}}
JITTER: Line = {"brightness": 0.4, "contrast": 0.4, "saturation": 0.2, "hue": 0.1}
RECIPES: list[tuple[Line, Line, int]] = [
    (SMALL, {"randomRotation": {"degrees": 30, "filter": "bilinear", "fill": 9}}, 4),
    (SMALL, {"randomRotation": {"degrees": [10, 350], "center": [0, 4]}}, 4),
    (SMALL, {"randomAffine": {"degrees": 0}}, 2),
    (
        SMALL,
        {
            "randomAffine": {
                "degrees": [-20, 60],
                "translate": [0.2, 0.5],
                "scale": [0.5, 2],
                "shear": [-10, 10, 0, 25],
                "filter": "bicubic",
                "fill": [1, 2, 3],
            }
        },
        6,
    ),
    (SMALL, {"randomAffine": {"degrees": 5, "shear": 12, "translate": [0, 0.3]}}, 4),
    (SMALL, {"colorJitter": JITTER}, 12),
    (SMALL, {"colorJitter": {"brightness": [0.2, 0.3], "hue": [0.1, 0.2], "probability": 0.6}}, 8),
    (SMALL, {"randomGrayscale": 0.5, "horizontalFlip": 0.5}, 6),
    (SMALL, {"gaussianBlur": {"kernelSize": 9}}, 3),
    (SMALL, {"gaussianBlur": {"kernelSize": [5, 3], "sigma": [0.3, 4], "probability": 0.5}}, 6),
    (SMALL, {"trivialAugment": {}}, 120),
    (SMALL, {"trivialAugment": {"numMagnitudeBins": 5, "filter": "bilinear", "fill": 128}}, 20),
    (SMALL, {"randAugment": {}}, 60),
    (WIDE, {"randAugment": {"numOps": 3, "magnitude": 4, "numMagnitudeBins": 10}}, 40),
    (WIDE, {"randAugment": {"magnitude": 30, "filter": "bicubic", "fill": [9, 8, 7]}}, 20),
    (SMALL, {"autoAugment": {}}, 60),
    (SMALL, {"autoAugment": {"policy": "cifar10"}}, 60),
    (SMALL, {"autoAugment": {"policy": "svhn", "filter": "bilinear"}}, 60),
    (NORMAL, {"randomErasing": {}}, 12),
    (NORMAL, {"randomErasing": {"probability": 1, "scale": [0.3, 1], "ratio": [0.1, 9], "value": [1, -2, 0.5]}}, 12),
    (SMALL, {"randomErasing": {"probability": 1, "value": 77}}, 4),
    (
        NORMAL,
        {
            "randomResizedCrop": {"scale": [0.2, 1]},
            "horizontalFlip": 0.5,
            "randomRotation": {"degrees": 10},
            "randomAffine": {"degrees": 0, "translate": [0.1, 0.1]},
            "trivialAugment": {},
            "colorJitter": {**JITTER, "probability": 0.8},
            "randomGrayscale": 0.2,
            "gaussianBlur": {"kernelSize": 5, "probability": 0.5},
            "randomErasing": {"probability": 0.7},
        },
        60,
    ),
]


def recipe_lines(data: Path) -> Iterator[Line]:
    names = ["jpeg-500x375.jpg", "jpeg-17x33.jpg", "png-rgb.png"]
    for number, (options, augmentation, count) in enumerate(RECIPES):
        for index in range(count):
            name = f"images/{names[index % len(names)]}"
            image = Image.open(data / name).convert("RGB")
            with drawing_from(philox(7, number, index)):
                operations, result = run(image, transforms_of(options, augmentation))
            yield {
                **{"image": name, "options": options, "augmentation": augmentation},
                **{"seed": 7, "epoch": number, "index": index},
                **{"operations": operations, "sha256": sha(result)},
            }


def policy_lines(width: int = 400, height: int = 300) -> Iterator[Line]:
    for policy in AutoAugmentPolicy:
        augment = v2.AutoAugment(policy)
        for pair in augment._get_policies(policy):
            steps = []
            for name, probability, place in pair:
                magnitudes_of, signed = augment._AUGMENTATION_SPACE[name]
                magnitudes = magnitudes_of(10, height, width)
                magnitude = 0.0 if magnitudes is None else float(magnitudes[place])
                steps.append({"name": name, "probability": probability, "magnitude": magnitude, "signed": signed})
            yield {"policy": policy.value, "steps": steps}


def main() -> None:
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    lines: list[Line] = []
    for name in IMAGES:
        image = Image.open(data / "images" / name).convert("RGB")
        lines.extend(operation_lines(f"images/{name}", image))
        lines.extend(sequence_lines(f"images/{name}", image))
    write(out / "operations.jsonl", lines)
    write(out / "recipes.jsonl", list(recipe_lines(data)))
    write(out / "policies.jsonl", list(policy_lines()))


if __name__ == "__main__":
    main()
