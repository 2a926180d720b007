import { makeBatch } from "../dataset/batch-assembly.js";
import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import { type WalkOrder, walkDataset } from "../dataset/dataset-walk.js";
import { withAugmentation } from "../dataset/other-augmentation.js";
import { literal } from "../shared/literal.js";
import type { ReadOptions } from "../shared/options.js";
import type { ImageTensor } from "../shared/tensor.js";
import { isObject } from "../shared/validation.js";
import { imageBytes } from "./image-bytes.js";
import type { showReaders } from "./show-options.js";
import {
  badSamples,
  type ImageEncoder,
  type ShownDraws,
  type ShownSample,
  shownPairs,
} from "./shown-pairs.js";

type ShowConfig = ReadOptions<typeof showReaders>;

/** An augmentation, and what is drawn by it. */
interface ShownAugmentation {
  readonly name: string;
  readonly pipeline: DatasetPipeline;
}

/** Bytes of images in memory at a time. */
const MOST_BYTES = 2 ** 25;
/** Pairs that are prepared at a time: their original images are in memory, too. */
const MOST_PAIRS = 8;

/** What is switched on of a dataset's augmentation; undefined where nothing is. */
function switchedOn(config: unknown): unknown {
  if (config === null || config === 0 || config === false) return undefined;
  if (!isObject(config)) return config;
  const entries = Object.entries(config).map(([name, value]) => [name, switchedOn(value)] as const);
  const on = entries.filter(([, value]) => value !== undefined);
  return on.length === 0 ? undefined : Object.fromEntries(on);
}

/** An augmentation as one would write it, or its name. */
function nameOf(augmentation: unknown): string {
  if (!isObject(augmentation)) return String(augmentation);
  const options = Object.entries(augmentation).map(([name, value]) => `${name}: ${literal(value)}`);
  return options.join(", ");
}

/**
 * Those that are asked for, else the dataset's own.
 *
 * @throws {TypeError | RangeError} for options that do not exist or have no possible value.
 */
function shownAugmentations(
  pipeline: DatasetPipeline,
  { augmentations }: ShowConfig,
): ShownAugmentation[] {
  // of what is drawn the images alone are looked at
  const imagesAlone = { ...pipeline, text: null, imageColumns: [] };
  const own = pipeline.image.augmentation;
  if (augmentations === undefined) {
    return own === null ? [] : [{ name: nameOf(switchedOn(own)), pipeline: imagesAlone }];
  }
  return augmentations.map((augmentation) => ({
    name: nameOf(augmentation),
    pipeline: withAugmentation(imagesAlone, augmentation),
  }));
}

/** What has been drawn for some pairs in one epoch, by index. */
interface Epoch<T> {
  /** One for each of a row's slots. */
  readonly images: ReadonlyMap<number, readonly T[]>;
  readonly problems: ReadonlyMap<number, string>;
}

/** Draws of some pairs: by index, for each of a row's slots, of each augmentation. */
type Draws<T> = Map<number, ShownDraws<T>[][]>;

/**
 * Pairs as the model gets them, without augmentation, and what each augmentation makes of them.
 *
 * @throws {TypeError | RangeError} for an augmentation that is none.
 * @throws {PixtokError} a fault of the machine, by which no pair can be judged.
 */
export async function shownSamples<T>(
  pipeline: DatasetPipeline,
  order: WalkOrder,
  encode: ImageEncoder<T>,
  config: ShowConfig,
): Promise<ShownSample<T>[]> {
  const augmentations = shownAugmentations(pipeline, config);
  const plain = withAugmentation(pipeline, null);
  const { seed, draws, boxes } = config;
  const { rowImages, processor, pictures } = plain.image;
  const inMemory =
    pictures === null ? Math.floor(MOST_BYTES / (rowImages * plain.image.plan.slotBytes)) : 1;

  /** What one augmentation makes of pairs in one epoch. */
  const drawOnce = async (
    augmented: DatasetPipeline,
    indices: readonly number[],
    epoch: number,
    signal: AbortSignal,
  ): Promise<Epoch<T>> => {
    const batch = await makeBatch(augmented, indices, { seed, epoch, onError: "skip", signal });
    try {
      const rows = batch.indices.map(async (index, row): Promise<[number, T[]]> => {
        const slots = Array.from({ length: rowImages }, (_, slot) =>
          encode.small(
            imageBytes(batch.image as ImageTensor, row * rowImages + slot, processor.config),
          ),
        );
        return [index, await Promise.all(slots)];
      });
      const problems = batch.dropped.map(({ index, message }) => [index, message] as const);
      return { images: new Map(await Promise.all(rows)), problems: new Map(problems) };
    } finally {
      batch.release();
    }
  };

  const drawAll = async (indices: readonly number[], signal: AbortSignal): Promise<Draws<T>> => {
    const all: Draws<T> = new Map(
      indices.map((index) => [index, Array.from({ length: rowImages }, () => [])]),
    );
    for (const { name, pipeline: augmented } of augmentations) {
      const epochs: Epoch<T>[] = [];
      for (let epoch = 0; epoch < draws; epoch += 1) {
        epochs.push(await drawOnce(augmented, indices, epoch, signal));
      }
      for (const [index, slots] of all) {
        for (const [slot, drawn] of slots.entries()) {
          const images = epochs.flatMap((epoch) => epoch.images.get(index)?.[slot] ?? []);
          const [problem = null] = epochs.flatMap(({ problems }) => problems.get(index) ?? []);
          drawn.push({ augmentation: name, images, problem });
        }
      }
    }
    return all;
  };

  const showSome = async (
    indices: readonly number[],
    signal: AbortSignal,
  ): Promise<ShownSample<T>[]> => {
    const batch = await makeBatch(plain, indices, { seed, onError: "skip", signal });
    try {
      const drawn = await drawAll(batch.indices, signal);
      const pairs = await shownPairs(
        batch,
        { pipeline: plain, seed, epoch: 0 },
        {
          encode,
          boxColumns: Object.keys(boxes),
          drawsOf: (row) => drawn.get(batch.indices[row] as number) ?? [],
          signal,
        },
      );
      const found = new Map<number, ShownSample<T>>(
        [...pairs, ...batch.dropped].map((one) => [one.index, one]),
      );
      return indices.flatMap((index) => found.get(index) ?? []);
    } finally {
      batch.release();
    }
  };

  const samples: ShownSample<T>[] = [];
  let errors = 0;
  await walkDataset(
    order,
    Math.max(1, Math.min(MOST_PAIRS, inMemory)),
    showSome,
    (some) => {
      samples.push(...some);
      errors += badSamples(some).length;
    },
    config,
    () => ({ errors }),
  );
  return samples;
}
