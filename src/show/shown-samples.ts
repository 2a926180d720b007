import { makeBatch } from "../dataset/batch-assembly.js";
import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import { type WalkOrder, walkDataset } from "../dataset/dataset-walk.js";
import type { ImagePipeline } from "../dataset/image-pipeline.js";
import { withAugmentation } from "../dataset/other-augmentation.js";
import type { MixedRow } from "../image/row-mixing.js";
import { literal } from "../shared/literal.js";
import type { ReadOptions } from "../shared/options.js";
import type { ImageTensor } from "../shared/tensor.js";
import { isObject } from "../shared/validation.js";
import { imageBytes } from "./image-bytes.js";
import type { showReaders } from "./show-options.js";
import {
  badSamples,
  type ImageEncoder,
  type RowDraws,
  type ShownDraw,
  type ShownDraws,
  type ShownSample,
  shownPairs,
} from "./shown-pairs.js";

type ShowConfig = ReadOptions<typeof showReaders>;

/** An augmentation, and what is drawn by it. */
interface ShownAugmentation {
  /** Of the rows' own images. */
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
  const imagesAlone = { ...pipeline, text: null };
  if (augmentations === undefined) {
    const parts = [pipeline.image, ...pipeline.imageColumns.map(({ image }) => image)];
    if (parts.every(({ augmentation }) => augmentation === null)) return [];
    return [{ name: nameOf(switchedOn(pipeline.image.augmentation)), pipeline: imagesAlone }];
  }
  return augmentations.map((augmentation) => ({
    name: nameOf(augmentation),
    pipeline: withAugmentation(imagesAlone, augmentation),
  }));
}

/** What has been drawn for the images of a row in one epoch; of those that nothing is drawn for, nothing. */
interface DrawnRow<T> {
  /** Of its slots. */
  readonly slots: readonly ShownDraw<T>[];
  /** Of each column of images. */
  readonly columns: readonly (ShownDraw<T> | undefined)[];
}

/** What has been drawn for some pairs in one epoch, by index. */
interface Epoch<T> {
  readonly rows: ReadonlyMap<number, DrawnRow<T>>;
  readonly problems: ReadonlyMap<number, string>;
}

/** What one augmentation makes of pairs in one epoch. */
async function drawOnce<T>(
  pipeline: DatasetPipeline,
  indices: readonly number[],
  encode: ImageEncoder<T>,
  { seed, epoch, signal }: { seed: number; epoch: number; signal: AbortSignal },
): Promise<Epoch<T>> {
  const { image, imageColumns } = pipeline;
  const batch = await makeBatch(pipeline, indices, { seed, epoch, onError: "skip", signal });
  const drawnOf = async (
    tensor: unknown,
    place: number,
    { processor }: ImagePipeline,
    mixed: MixedRow | null,
  ) => ({
    image: await encode.small(imageBytes(tensor as ImageTensor, place, processor.config)),
    mixed,
  });
  try {
    const rows = batch.indices.map(async (index, row): Promise<[number, DrawnRow<T>]> => {
      const mixed = batch.augmentation?.mixed?.[row] ?? null;
      const slots = Array.from({ length: image.augmentation === null ? 0 : image.rowImages });
      const columns = imageColumns.map(({ name, image: ofColumn }) =>
        ofColumn.augmentation === null
          ? undefined
          : drawnOf(batch.columns[name], row, ofColumn, null),
      );
      const drawn = {
        slots: await Promise.all(
          slots.map((_, slot) => drawnOf(batch.image, row * image.rowImages + slot, image, mixed)),
        ),
        columns: await Promise.all(columns),
      };
      return [index, drawn];
    });
    const problems = batch.dropped.map(({ index, message }) => [index, message] as const);
    return { rows: new Map(await Promise.all(rows)), problems: new Map(problems) };
  } finally {
    batch.release();
  }
}

/** What an augmentation has made of a pair's images, in the epochs that there are. */
function drawsOfPair<T>(
  { name, pipeline }: ShownAugmentation,
  epochs: readonly Epoch<T>[],
  index: number,
): RowDraws<T> {
  const { image, imageColumns } = pipeline;
  const [problem = null] = epochs.flatMap(({ problems }) => problems.get(index) ?? []);
  const drawsOf = (
    augmentation: string,
    { augmentation: config }: ImagePipeline,
    drawnIn: (row: DrawnRow<T>) => ShownDraw<T> | undefined,
  ): ShownDraws<T>[] => {
    if (config === null) return [];
    const drawn = epochs.flatMap(({ rows }) => {
      const row = rows.get(index);
      return (row && drawnIn(row)) ?? [];
    });
    return [{ augmentation, epochs: drawn, problem }];
  };
  return {
    slots: Array.from({ length: image.rowImages }, (_, slot) =>
      drawsOf(name, image, ({ slots }) => slots[slot]),
    ),
    columns: imageColumns.map(({ image: ofColumn }, column) =>
      drawsOf(
        nameOf(switchedOn(ofColumn.augmentation)),
        ofColumn,
        ({ columns }) => columns[column],
      ),
    ),
  };
}

/** Draws of one augmentation after the other, for each image. */
function joinedDraws<T>(all: readonly RowDraws<T>[]): RowDraws<T> {
  const joined = (of: (draws: RowDraws<T>) => RowDraws<T>["slots"]) =>
    (all[0] === undefined ? [] : of(all[0])).map((_, place) =>
      all.flatMap((draws) => of(draws)[place] ?? []),
    );
  return { slots: joined(({ slots }) => slots), columns: joined(({ columns }) => columns) };
}

/** Bytes of a pair's images in memory. */
function imagesBytes({ image, imageColumns }: DatasetPipeline): number {
  const ofColumns = imageColumns.reduce((sum, column) => sum + column.image.plan.slotBytes, 0);
  return image.rowImages * image.plan.slotBytes + ofColumns;
}

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
  const inMemory = plain.image.pictures === null ? Math.floor(MOST_BYTES / imagesBytes(plain)) : 1;

  /** What each augmentation makes of pairs, by index. */
  const drawAll = async (
    indices: readonly number[],
    signal: AbortSignal,
  ): Promise<Map<number, RowDraws<T>[]>> => {
    const all = new Map<number, RowDraws<T>[]>(indices.map((index) => [index, []]));
    for (const augmentation of augmentations) {
      const epochs: Epoch<T>[] = [];
      for (let epoch = 0; epoch < draws; epoch += 1) {
        epochs.push(
          await drawOnce(augmentation.pipeline, indices, encode, { seed, epoch, signal }),
        );
      }
      for (const [index, drawn] of all) drawn.push(drawsOfPair(augmentation, epochs, index));
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
          drawsOf: (row) => joinedDraws(drawn.get(batch.indices[row] as number) ?? []),
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
