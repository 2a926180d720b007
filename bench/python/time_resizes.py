"""Times Pillow's or OpenCV's resize of an RGB image, on one thread.

    python time_resizes.py pillow|opencv SECONDS FILTER,WxH[+WxH...],WxH...

A case has one image for each of its source sizes, which are resized in turn. Its time is that of a
image: the mean of a pass over all of them, and of the passes the median. Takes about SECONDS for each
case and prints a JSON array. Both libraries compute their weights for every image.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EXIT_UNAVAILABLE = 69

Size = tuple[int, int]


@dataclass(frozen=True)
class Case:
    filter: str
    sources: Sequence[Size]
    target: Size


@dataclass(frozen=True)
class Resize:
    """One way to do a case: all of its images once."""

    kernel: str
    weights: str
    run: Callable[[], object]


def parse_size(text: str) -> Size:
    width, height = map(int, text.split("x"))
    return (width, height)


def parse_case(text: str) -> Case:
    name, sources, target = text.split(",")
    return Case(name, [parse_size(size) for size in sources.split("+")], parse_size(target))


def draw_image(size: Size) -> NDArray[np.uint8]:
    import numpy as np

    width, height = size
    return np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)


def pillow_resizes(case: Case) -> Iterator[Resize]:
    from PIL import Image

    images = [Image.fromarray(draw_image(size)) for size in case.sources]
    resample = getattr(Image.Resampling, case.filter.upper(), None)
    if resample is None:
        return

    def run() -> None:
        for image in images:
            image.resize(case.target, resample)

    yield Resize("pillow", "none" if case.filter == "nearest" else "rebuilt", run)


def opencv_resizes(case: Case) -> Iterator[Resize]:
    import cv2
    import numpy as np

    cv2.setNumThreads(0)
    # INTER_AREA is its only filter that takes all the pixels of a larger image into account.
    names = {
        "bilinear": ["INTER_LINEAR", "INTER_AREA"],
        "bicubic": ["INTER_CUBIC"],
        "lanczos": ["INTER_LANCZOS4"],
    }
    images = [draw_image(size) for size in case.sources]
    target = np.empty((case.target[1], case.target[0], 3), dtype=np.uint8)
    for name in names.get(case.filter, []):
        interpolation: Any = getattr(cv2, name)

        def run(interpolation: Any = interpolation) -> None:
            for image in images:
                cv2.resize(image, case.target, dst=target, interpolation=interpolation)

        yield Resize(name, "rebuilt", run)


def median_nanoseconds(run: Callable[[], object], seconds: float) -> float:
    run()  # Fills caches; not counted.
    times: list[int] = []
    end = time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        start = time.perf_counter_ns()
        run()
        times.append(time.perf_counter_ns() - start)
    return statistics.median(times)


def main() -> None:
    library, seconds, *cases = sys.argv[1:]
    resizes_of = {"pillow": pillow_resizes, "opencv": opencv_resizes}[library]
    measurements = [
        {
            "kernel": resize.kernel,
            "operation": "resize",
            "weights": resize.weights,
            "filter": case.filter,
            "from": case.sources,
            "to": case.target,
            "nanoseconds": median_nanoseconds(resize.run, float(seconds)) / len(case.sources),
        }
        for case in map(parse_case, cases)
        for resize in resizes_of(case)
    ]
    print(json.dumps(measurements))


if __name__ == "__main__":
    try:
        main()
    except ImportError as error:
        print(error, file=sys.stderr)
        sys.exit(EXIT_UNAVAILABLE)
