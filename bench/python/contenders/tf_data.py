"""tf.data: TensorFlow's JPEG decoder and antialiased resize, and tokenizers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from contender import Batch, Options, Pair, Running
from index_batches import index_batches
from standard_preset import IMAGE_SIZE, MEAN, STD
from text_encoder import TextEncoder

if TYPE_CHECKING:
    import tensorflow as tf


def build_dataset(pairs: Sequence[Pair], batch_size: int) -> tf.data.Dataset:
    import tensorflow as tf

    mean = tf.constant(MEAN)
    std = tf.constant(STD)

    def read(path: Any) -> Any:
        pixels = tf.io.decode_jpeg(tf.io.read_file(path), channels=3, dct_method="INTEGER_ACCURATE")
        # In float: TensorFlow resizes without rounding to bytes.
        small = tf.image.resize(pixels, (IMAGE_SIZE, IMAGE_SIZE), antialias=True)
        return tf.transpose((small / 255.0 - mean) / std, (2, 0, 1))

    return (
        tf.data.Dataset.from_tensor_slices([pair.image for pair in pairs])
        .map(read, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
        .batch(batch_size)
        .prefetch(tf.data.AUTOTUNE)
    )


class RunningTfData:
    def __init__(self, pairs: Sequence[Pair], options: Options) -> None:
        self._pairs = pairs
        self._batch_size = options.batch_size
        self._texts = TextEncoder(options)
        self._dataset = build_dataset(pairs, options.batch_size)

    def epoch(self) -> Iterator[Batch]:
        batches = index_batches(len(self._pairs), self._batch_size)
        for image, indices in zip(self._dataset.as_numpy_iterator(), batches, strict=True):
            input_ids, attention_mask = self._texts.encode([self._pairs[i].text for i in indices])
            yield Batch(image, input_ids, attention_mask, indices)

    def close(self) -> None:
        pass


class TfData:
    exact = False
    description = (
        "tf.data with AUTOTUNE: decode_jpeg, antialiased bilinear resize in float, normalized; "
        "tokenizers encode_batch"
    )

    def set_up(self, pairs: Sequence[Pair], options: Options) -> Running:
        return RunningTfData(pairs, options)
