"""Times Pillow's or OpenCV's resize of an RGB picture, on one thread.

    python time_resizes.py pillow|opencv SECONDS FILTER,WIDTH,HEIGHT,NEW_WIDTH,NEW_HEIGHT...

Takes about SECONDS for each case and prints a JSON array with the median of each.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator
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
    source: Size
    target: Size


@dataclass(frozen=True)
class Resize:
    """One way to do a case."""

    kernel: str
    run: Callable[[], object]


def parse_case(text: str) -> Case:
    name, *sizes = text.split(",")
    width, height, new_width, new_height = map(int, sizes)
    return Case(name, (width, height), (new_width, new_height))


def draw_picture(size: Size) -> NDArray[np.uint8]:
    import numpy as np

    width, height = size
    return np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)


def pillow_resizes(case: Case) -> Iterator[Resize]:
    from PIL import Image

    picture = Image.fromarray(draw_picture(case.source))
    resample = getattr(Image.Resampling, case.filter.upper(), None)
    if resample is not None:
        yield Resize("pillow", lambda: picture.resize(case.target, resample))


def opencv_resizes(case: Case) -> Iterator[Resize]:
    import cv2
    import numpy as np

    cv2.setNumThreads(0)
    # INTER_AREA is its only filter that takes all the pixels of a larger picture into account.
    names = {
        "bilinear": ["INTER_LINEAR", "INTER_AREA"],
        "bicubic": ["INTER_CUBIC"],
        "lanczos": ["INTER_LANCZOS4"],
    }
    picture = draw_picture(case.source)
    target = np.empty((case.target[1], case.target[0], 3), dtype=np.uint8)
    for name in names.get(case.filter, []):
        interpolation: Any = getattr(cv2, name)

        def run(interpolation: Any = interpolation) -> object:
            return cv2.resize(picture, case.target, dst=target, interpolation=interpolation)

        yield Resize(name, run)


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
            "filter": case.filter,
            "from": case.source,
            "to": case.target,
            "nanoseconds": median_nanoseconds(resize.run, float(seconds)),
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
