import { originOfBatch } from "../dataset/batch-origin.js";
import { batchTensors } from "../dataset/batch-tensors.js";
import { type AnyDataset, pipelineOf } from "../dataset/dataset.js";
import { requireDataset } from "../dataset/dataset-walk.js";
import { stopWith } from "../shared/abort.js";
import { type OptionReader, type OptionReaders, readOptions } from "../shared/options.js";
import { readSignal } from "../shared/sample-context.js";
import { isObject, wrongType } from "../shared/validation.js";
import { descriptionOf } from "../sources/derived-source.js";
import type { BoxFormat } from "./boxes.js";
import { pageFacts } from "./page-facts.js";
import { pageImages } from "./page-images.js";
import { pairsPage } from "./pairs-page.js";
import { placedBoxes } from "./placed-boxes.js";
import type { RowsToShow } from "./rows-to-show.js";
import { readBoxes, readTitle } from "./show-options.js";
import { shownPairs } from "./shown-pairs.js";

/** Options of `showBatch`. */
export interface ShowBatchOptions {
  /** What the batch is of, where it has come from another thread. Default: the dataset that it was made from. */
  dataset?: AnyDataset;
  /** As `boxes` of `showDataset`. Default: columns whose names have "box" in them. */
  boxes?: Readonly<Record<string, BoxFormat>>;
  /** Heading of the page. Default: the dataset's description. */
  title?: string;
  /** Ends the work, which throws the signal's reason. Default none. */
  signal?: AbortSignal;
}

const readDataset: OptionReader<AnyDataset | undefined> = (_option, value) => {
  if (value === undefined) return undefined;
  requireDataset(value);
  return value;
};

const readers = {
  dataset: readDataset,
  boxes: readBoxes,
  title: readTitle,
  signal: readSignal,
} satisfies OptionReaders<ShowBatchOptions>;

function requireBatch(batch: unknown): asserts batch is RowsToShow {
  const { columns, indices } = isObject(batch) ? batch : {};
  if (!isObject(columns) || !Array.isArray(indices)) throw wrongType("batch", "a batch", batch);
  const tensors = batchTensors(batch as unknown as RowsToShow);
  if (indices.length > 0 && tensors.some(({ data }) => data.buffer.byteLength === 0)) {
    throw new TypeError(
      "batch: expected one that has its memory, got one that was released before",
    );
  }
}

/**
 * A batch as a page of HTML that needs nothing else: what showDataset() shows of a dataset, of these rows as they are, with
 * whatever was drawn for them. Original images are read again, where the dataset is no stream.
 *
 * ```ts
 * await writeFile("batch.html", await showBatch(batch));
 * ```
 *
 * @throws {TypeError | RangeError} for a batch that was released before; for one that has come from another thread,
 *   without its dataset; for options that do not exist or have no possible value.
 * @throws {PixtokError} a fault of the machine.
 */
export async function showBatch(
  batch: RowsToShow,
  options: ShowBatchOptions = {},
): Promise<string> {
  const { dataset, boxes: formats, title, signal } = readOptions("showBatch", options, readers);
  requireBatch(batch);
  const given = dataset && { pipeline: pipelineOf(dataset), seed: 0, epoch: 0 };
  const origin = originOfBatch(batch) ?? given;
  if (origin === undefined) {
    throw wrongType("dataset", "that of the batch, which has come from another thread", dataset);
  }
  const stop = stopWith(signal);
  try {
    const pairs = await shownPairs(batch, origin, {
      encode: pageImages(),
      boxColumns: Object.keys(formats),
      signal: stop.signal,
    });
    const { pipeline, seed, epoch } = origin;
    const { processor, augmentation, pictures } = pipeline.image;
    const isPlain = augmentation === null && pictures === null;
    const boxes = placedBoxes(pairs, formats, isPlain ? processor.config : null);
    const { dropped = [], replaced = [] } = batch;
    const errors = [...dropped, ...replaced];
    return pairsPage({
      title: title ?? descriptionOf(pipeline.source),
      lead: `A batch of ${pairs.length} pairs${augmentation === null ? "" : `, with what was drawn by seed ${seed} in epoch ${epoch}`}.`,
      facts: pageFacts(pipeline, pairs, boxes),
      cards: [...pairs, ...dropped],
      boxes,
      stats: null,
      errors: { count: errors.length, list: errors },
    });
  } finally {
    stop.unlink();
  }
}
