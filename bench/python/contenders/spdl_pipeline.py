"""SPDL: FFmpeg decodes and scales in SPDL's pipeline, torch normalizes the batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from contender import Batch, Options, Pair, Running, Unavailable
from index_batches import index_batches
from processors import PROCESSORS
from standard_preset import IMAGE_SIZE, MEAN, STD
from text_encoder import TextEncoder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from spdl.io import ImageFrames
    from spdl.pipeline import Pipeline


def require_ffmpeg(image: str) -> None:
    import spdl.io

    try:
        spdl.io.demux_image(image)
    except RuntimeError as error:
        if "libspdl" not in str(error):
            raise
        raise Unavailable("SPDL finds none of the FFmpeg versions it can open") from error


class RunningSpdl:
    def __init__(self, pairs: Sequence[Pair], options: Options) -> None:
        import spdl.io
        import torch

        require_ffmpeg(pairs[0].image)
        self._pairs = pairs
        self._batch_size = options.batch_size
        self._texts = TextEncoder(options)
        self._filter = spdl.io.get_video_filter_desc(
            scale_width=IMAGE_SIZE,
            scale_height=IMAGE_SIZE,
            scale_algo="bilinear",
            scale_mode=None,
            pix_fmt="rgb24",
        )
        self._mean = torch.tensor(MEAN).view(3, 1, 1)
        self._std = torch.tensor(STD).view(3, 1, 1)

    def _decode(self, index: int) -> ImageFrames:
        import spdl.io

        packets = spdl.io.demux_image(self._pairs[index].image)
        return spdl.io.decode_packets(packets, filter_desc=self._filter)

    def _normalize(self, frames: list[ImageFrames]) -> NDArray[np.float32]:
        import spdl.io
        import torch

        pixels = spdl.io.to_torch(spdl.io.convert_frames(frames))
        image = pixels.permute(0, 3, 1, 2).to(torch.float32, memory_format=torch.contiguous_format)
        normalized: NDArray[np.float32] = image.div_(255).sub_(self._mean).div_(self._std).numpy()
        return normalized

    def _build(self) -> Pipeline[NDArray[np.float32]]:
        from spdl.pipeline import PipelineBuilder

        return (
            PipelineBuilder()
            .add_source(range(len(self._pairs)))
            .pipe(self._decode, concurrency=PROCESSORS, output_order="input")
            .aggregate(self._batch_size)
            .pipe(self._normalize)
            .add_sink(buffer_size=2)
            .build(num_threads=PROCESSORS + 1, max_failures=0)
        )

    def epoch(self) -> Iterator[Batch]:
        pipeline = self._build()
        with pipeline.auto_stop():
            batches = index_batches(len(self._pairs), self._batch_size)
            for image, indices in zip(pipeline, batches, strict=True):
                input_ids, attention_mask = self._texts.encode(
                    [self._pairs[i].text for i in indices]
                )
                yield Batch(image, input_ids, attention_mask, indices)

    def close(self) -> None:
        pass


class SpdlPipeline:
    exact = False
    description = (
        f"SPDL on {PROCESSORS} threads: FFmpeg's decoder and bilinear scaler, normalized by torch, "
        "tokenizers encode_batch"
    )

    def set_up(self, pairs: Sequence[Pair], options: Options) -> Running:
        return RunningSpdl(pairs, options)
