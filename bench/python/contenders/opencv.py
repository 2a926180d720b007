"""OpenCV on a pool of threads (it lets go of Python's lock), numpy, and tokenizers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from contender import Batch, Options, Pair, Running
from index_batches import index_batches
from processors import PROCESSORS
from standard_preset import IMAGE_SIZE, MEAN, STD
from text_encoder import TextEncoder

AHEAD = 2


def create_reader() -> Callable[[str, NDArray[np.float32]], None]:
    import cv2

    # The images are the parallel part.
    cv2.setNumThreads(0)
    # OpenCV turns images by their EXIF orientation unless an option says otherwise.
    mode = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
    scale = (1 / (255 * np.array(STD))).astype(np.float32)
    offset = (-np.array(MEAN) / np.array(STD)).astype(np.float32)

    def read(path: str, target: NDArray[np.float32]) -> None:
        pixels = cv2.imread(path, mode)
        if pixels is None:
            raise ValueError(f"OpenCV cannot read {path}")
        # Of its filters the one for making images smaller.
        small = cv2.resize(pixels, (IMAGE_SIZE, IMAGE_SIZE), interpolation=cv2.INTER_AREA)
        for channel in range(3):
            plane = target[channel]
            np.multiply(small[:, :, channel], scale[channel], out=plane)
            plane += offset[channel]

    return read


class RunningOpenCv:
    def __init__(self, pairs: Sequence[Pair], options: Options) -> None:
        self._pairs = pairs
        self._batch_size = options.batch_size
        self._read = create_reader()
        self._texts = TextEncoder(options)
        self._images_pool = ThreadPoolExecutor(PROCESSORS)
        self._batches_pool = ThreadPoolExecutor(AHEAD)

    def _prepare(self, indices: range) -> Batch:
        image = np.empty((len(indices), 3, IMAGE_SIZE, IMAGE_SIZE), dtype=np.float32)
        reading = [
            self._images_pool.submit(self._read, self._pairs[index].image, image[row])
            for row, index in enumerate(indices)
        ]
        input_ids, attention_mask = self._texts.encode([self._pairs[i].text for i in indices])
        for one in reading:
            one.result()
        return Batch(image, input_ids, attention_mask, indices)

    def _start(self, indices: range) -> Future[Batch]:
        return self._batches_pool.submit(self._prepare, indices)

    def epoch(self) -> Iterator[Batch]:
        waiting = iter(index_batches(len(self._pairs), self._batch_size))
        ahead = deque(self._start(indices) for indices in islice(waiting, AHEAD))
        while ahead:
            batch = ahead.popleft().result()
            ahead.extend(self._start(indices) for indices in islice(waiting, 1))
            yield batch

    def close(self) -> None:
        self._batches_pool.shutdown()
        self._images_pool.shutdown()


class OpenCv:
    exact = False
    description = (
        f"OpenCV imread and INTER_AREA on {PROCESSORS} threads, numpy, tokenizers encode_batch"
    )

    def set_up(self, pairs: Sequence[Pair], options: Options) -> Running:
        return RunningOpenCv(pairs, options)
