import { runtime } from "../native/runtime.js";
import { withMachineFaults } from "../shared/machine-fault.js";
import {
  group,
  integer,
  number,
  type OptionReaders,
  optional,
  stringOf,
  withDefault,
} from "../shared/options.js";
import { wrongType } from "../shared/validation.js";
import type { ImageProcessorConfig } from "./image-processor-options.js";
import { outputSize } from "./output-size.js";
import type { Crop } from "./process-options.js";

/** torchvision's MixUp or CutMix. */
export interface RowMixOptions {
  /** Of the Beta distribution that a row's own share is drawn from, 0.01 to 100. Default 1. */
  alpha?: number;
}

/** Labels of rows that are mixed. */
export interface LabelOptions {
  /** A column of integers, among the dataset's `columns`. */
  column: string;
  /** Labels are from 0 to this number less one. */
  classes: number;
}

/** What rows of a batch are mixed with. */
export interface RowMixingOptions {
  /** Adds up a row and the one before it. Where there is `cutMix`, too, each row gets one of the two. Default none. */
  mixUp?: RowMixOptions;
  /** Puts a part of the row before it into a row. Default none. */
  cutMix?: RowMixOptions;
  /** What `batch.soft_labels` are made of. Needed by both, and by nothing else. Default none. */
  labels?: LabelOptions;
}

/** What a row was mixed with. */
export interface MixedRow {
  /** How. */
  readonly name: "mixUp" | "cutMix";
  /** Dataset index of the other row: the one before in the batch, and of the first, the last. */
  readonly other: number;
  /** How much of the row is its own, 0 to 1. */
  readonly share: number;
  /** Of cutMix: what is of the other row; else null. */
  readonly part: Crop | null;
}

/** These options with their values; null: not wanted. */
export interface RowMixingConfig {
  readonly mixUp: number | null;
  readonly cutMix: number | null;
  readonly labels: LabelOptions;
}

const MOST_CLASSES = 2 ** 20;
const MIX_NUMBERS = 6;

const mix = group({
  alpha: withDefault(number(0.01, 100), 1),
} satisfies OptionReaders<RowMixOptions>);

export const rowMixingReaders = {
  mixUp: optional(mix),
  cutMix: optional(mix),
  labels: optional(
    group({
      column: stringOf("the name of a column"),
      classes: integer(1, MOST_CLASSES),
    } satisfies OptionReaders<LabelOptions>),
  ),
} satisfies OptionReaders<RowMixingOptions>;

/** @throws {TypeError} for options that do not go together, or with the processor's. */
export function readRowMixing(
  option: string,
  given: {
    mixUp: Required<RowMixOptions> | undefined;
    cutMix: Required<RowMixOptions> | undefined;
    labels: LabelOptions | undefined;
  },
  { type }: ImageProcessorConfig,
): RowMixingConfig | null {
  const { mixUp, cutMix, labels } = given;
  const name = mixUp === undefined ? "cutMix" : "mixUp";
  if (mixUp === undefined && cutMix === undefined) {
    if (labels === undefined) return null;
    throw wrongType(`${option}.labels`, "nothing without mixUp or cutMix", labels);
  }
  if (labels === undefined) {
    throw wrongType(`${option}.labels`, `{ column, classes } with ${name}`, labels);
  }
  if (type !== "float32") {
    throw wrongType(
      `${option}.${name}`,
      `none with an ImageProcessor of type "${type}"`,
      given[name],
    );
  }
  return { mixUp: mixUp?.alpha ?? null, cutMix: cutMix?.alpha ?? null, labels };
}

/** What rows draw from. */
export interface MixingContext {
  readonly seed: number;
  readonly epoch: number;
  /** Dataset index of each row. */
  readonly indices: readonly number[];
}

/**
 * Mixes the rows of a batch where they are, off the main thread.
 *
 * Settles when nothing writes into the memory any more.
 *
 * @throws {PixtokError} OUT_OF_MEMORY
 */
export async function mixRows(
  config: RowMixingConfig,
  processor: ImageProcessorConfig,
  memory: Uint8Array,
  context: MixingContext,
): Promise<MixedRow[]> {
  const { indices } = context;
  if (indices.length === 0) return [];
  const { width, height } = outputSize(processor);
  const { mixUp, cutMix } = config;
  const values = new Float32Array(memory.buffer, memory.byteOffset, memory.byteLength / 4);
  const hwc = processor.layout === "hwc";
  const request = { mixUp, cutMix, width, height, hwc, ...context };
  const drawn = await withMachineFaults(async () => runtime().addon.mixRows(values, request));
  return indices.map((_, row) => {
    const at = row * MIX_NUMBERS;
    const [share, cut, top, left, rows, columns] = drawn.subarray(at, at + MIX_NUMBERS);
    const part = { top, left, height: rows, width: columns } as Crop;
    return {
      name: cut === 1 ? "cutMix" : "mixUp",
      other: indices.at(row - 1) as number,
      share: share as number,
      part: cut === 1 ? part : null,
    };
  });
}

/** As torchvision mixes one-hot labels: the share of each class in each row. */
export function mixLabels(
  labels: readonly number[],
  mixed: readonly MixedRow[],
  classes: number,
  target: Float32Array,
): void {
  target.fill(0);
  for (const [row, { share }] of mixed.entries()) {
    const first = row * classes;
    target[first + (labels.at(row - 1) as number)] = 1 - share;
    const own = first + (labels[row] as number);
    target[own] = (target[own] as number) + Math.fround(share);
  }
}
