"""NVIDIA DALI with its CPU operators only, and tokenizers beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from contender import Batch, Options, Pair, Running
from index_batches import index_batches
from processors import PROCESSORS
from standard_preset import IMAGE_SIZE, MEAN, STD
from text_encoder import TextEncoder

if TYPE_CHECKING:
    from nvidia.dali.pipeline import Pipeline

AHEAD = 2


def build_pipeline(pairs: Sequence[Pair], batch_size: int) -> Pipeline:
    from nvidia.dali import fn, types
    from nvidia.dali.pipeline import pipeline_def

    @pipeline_def(
        batch_size=batch_size,
        num_threads=PROCESSORS,
        device_id=None,
        prefetch_queue_depth=AHEAD,
    )
    def images() -> object:
        files, _ = fn.readers.file(
            files=[pair.image for pair in pairs], pad_last_batch=True, prefetch_queue_depth=AHEAD
        )
        # Its defaults are a faster and coarser decode than libjpeg-turbo's own.
        pixels = fn.decoders.image(
            files,
            device="cpu",
            output_type=types.RGB,
            adjust_orientation=False,
            use_fast_idct=False,
            jpeg_fancy_upsampling=True,
        )
        small = fn.resize(
            pixels, size=(IMAGE_SIZE, IMAGE_SIZE), interp_type=types.INTERP_TRIANGULAR
        )
        return fn.crop_mirror_normalize(
            small,
            dtype=types.FLOAT,
            output_layout="CHW",
            mean=[255 * mean for mean in MEAN],
            std=[255 * std for std in STD],
        )

    pipeline: Pipeline = images()
    pipeline.build()
    return pipeline


class RunningDali:
    def __init__(self, pairs: Sequence[Pair], options: Options) -> None:
        self._pairs = pairs
        self._batch_size = options.batch_size
        self._texts = TextEncoder(options)
        self._pipeline = build_pipeline(pairs, options.batch_size)
        self._finish_first_runs()

    def _batches(self) -> list[range]:
        return list(index_batches(len(self._pairs), self._batch_size))

    def _finish_first_runs(self) -> None:
        """The first run that is scheduled fills the whole queue, which would be ahead for ever."""
        self._pipeline.schedule_run()
        for _ in range(-AHEAD % len(self._batches())):
            self._drop_outputs()
            self._pipeline.schedule_run()
        for _ in range(AHEAD):
            self._drop_outputs()

    def _drop_outputs(self) -> None:
        self._pipeline.share_outputs()
        self._pipeline.release_outputs()

    def epoch(self) -> Iterator[Batch]:
        batches = self._batches()
        # Runs are scheduled by hand, so that none is under way outside of an epoch.
        for _ in batches[:AHEAD]:
            self._pipeline.schedule_run()
        for number, indices in enumerate(batches):
            input_ids, attention_mask = self._texts.encode([self._pairs[i].text for i in indices])
            (images,) = self._pipeline.share_outputs()
            # A copy, as for DALI's own framework iterators: its memory goes back with the batch.
            image = np.array(images.as_tensor(), copy=True)[: len(indices)]
            self._pipeline.release_outputs()
            if number + AHEAD < len(batches):
                self._pipeline.schedule_run()
            yield Batch(image, input_ids, attention_mask, indices)

    def close(self) -> None:
        pass


class DaliCpu:
    exact = False
    description = (
        f"NVIDIA DALI on the CPU, {PROCESSORS} threads: decoders.image, triangular resize, "
        "crop_mirror_normalize; tokenizers encode_batch"
    )

    def set_up(self, pairs: Sequence[Pair], options: Options) -> Running:
        return RunningDali(pairs, options)
