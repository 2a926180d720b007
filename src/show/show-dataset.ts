import { type DatasetStats, statsInOrder } from "../analysis/dataset-stats.js";
import { type AnyDataset, pipelineOf } from "../dataset/dataset.js";
import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import { requireIndexedDataset, walkOrder } from "../dataset/dataset-walk.js";
import { runtime } from "../native/runtime.js";
import { PixtokError } from "../shared/errors.js";
import { type ReadOptions, readOptions } from "../shared/options.js";
import type { SampleError, SampleErrors } from "../shared/sample-error.js";
import { pageFacts } from "./page-facts.js";
import { pageImages } from "./page-images.js";
import { pairsPage } from "./pairs-page.js";
import { placedBoxes } from "./placed-boxes.js";
import { type ShowDatasetOptions, showReaders } from "./show-options.js";
import { badSamples, isShownPair } from "./shown-pairs.js";
import { shownSamples } from "./shown-samples.js";

/** Those of the pairs that are shown and of those that are counted, each once. */
function allErrors(shown: readonly SampleError[], counted: SampleErrors | undefined): SampleErrors {
  const others = (counted?.list ?? []).filter(
    ({ index }) => !shown.some((error) => error.index === index),
  );
  const repeated = (counted?.list.length ?? 0) - others.length;
  return {
    count: shown.length + (counted?.count ?? 0) - repeated,
    list: [...shown, ...others].sort((a, b) => a.index - b.index),
  };
}

/** Null where nothing can be counted, as the errors say, or images are taken apart. */
async function statsOrNone(
  pipeline: DatasetPipeline,
  { statsSamples, random, seed }: ReadOptions<typeof showReaders>,
  walk: Parameters<typeof statsInOrder>[3],
): Promise<DatasetStats | null> {
  if (statsSamples === 0 || pipeline.image.pictures !== null) return null;
  const order = walkOrder(pipeline.source.length, statsSamples, random ? seed : undefined);
  try {
    return await statsInOrder(pipeline, order, runtime().defaultThreads, walk);
  } catch (error) {
    if (error instanceof PixtokError && error.code === "NO_READABLE_SAMPLE") return null;
    throw error;
  }
}

/**
 * Some pairs of a dataset as a page of HTML that needs nothing else: images as the model gets them, turned back from the
 * tensor, beside what they are made of; draws of augmentations; texts with their tokens, those that are cut and unknown
 * ones marked; columns, and boxes that are in them; statistics and errors beside them. It can be filtered by label, text,
 * length and error, and shows whatever is in the data as text.
 *
 * ```ts
 * await writeFile("page.html", await showDataset(dataset, { samples: 100 }));
 * ```
 *
 * Pairs that cannot be read are on the page, with what is wrong with them.
 *
 * @throws {TypeError | RangeError} for options that do not exist or have no possible value.
 * @throws {PixtokError} a fault of the machine, by which no pair can be judged.
 */
export async function showDataset(
  dataset: AnyDataset,
  options: ShowDatasetOptions = {},
): Promise<string> {
  requireIndexedDataset(dataset);
  const config = readOptions("showDataset", options, showReaders);
  const { samples, random, seed, statsSamples, onProgress, signal } = config;
  const { length, description } = dataset;
  const pipeline = pipelineOf(dataset);
  const order = walkOrder(length, samples, random ? seed : undefined);
  const total = order.count + Math.min(statsSamples, length);

  const cards = await shownSamples(pipeline, order, pageImages(), {
    ...config,
    onProgress: (done, _, details) => onProgress?.(done, total, details),
  });
  const stats = await statsOrNone(pipeline, config, {
    onProgress: (done, _, details) => onProgress?.(order.count + done, total, details),
    signal,
  });
  const { processor, pictures } = pipeline.image;
  const pairs = cards.filter(isShownPair);
  const bad = badSamples(cards);
  const boxes = placedBoxes(pairs, config.boxes, pictures === null ? processor.config : null);
  const which = random ? `${order.count} random ones` : `The first ${order.count}`;
  return pairsPage({
    title: config.title ?? description,
    lead:
      order.count === length
        ? `All ${length} pairs, as the model gets them.`
        : `${which} of ${length} pairs, as the model gets them.`,
    facts: pageFacts(pipeline, pairs, boxes),
    cards,
    boxes,
    stats,
    errors: allErrors(bad, stats?.errors),
  });
}
