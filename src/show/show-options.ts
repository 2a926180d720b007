import type { MultimodalDatasetOptions } from "../dataset/dataset-options.js";
import type { WalkOptions } from "../dataset/dataset-walk.js";
import { walkReaders } from "../dataset/dataset-walk.js";
import {
  integer,
  type OptionReader,
  type OptionReaders,
  optional,
  stringOf,
  withDefault,
} from "../shared/options.js";
import { isObject, requireBoolean, requireOneOf, wrongType } from "../shared/validation.js";
import { type BoxFormat, boxFormats } from "./boxes.js";

/** Whatever a dataset takes as its augmentation. */
export type ShownAugmentation = NonNullable<MultimodalDatasetOptions["augmentation"]>;

/** Options of `showDataset` and `contactSheet`. */
export interface ShowDatasetOptions extends WalkOptions {
  /** Pairs that are shown; all where there are fewer. Default 24. */
  samples?: number;
  /** Random ones in place of the first ones. Default false. */
  random?: boolean;
  /** Which ones are random, and what augmentations draw from. Default 0. */
  seed?: number;
  /**
   * Augmentations: some draws of each stand below an image. Default: the dataset's own, where it has one.
   */
  augmentations?: readonly ShownAugmentation[];
  /** Draws of each augmentation: those of the first epochs. Default 4. */
  draws?: number;
  /** Pairs that the statistics are of; 0: there are none. Not on a sheet. Default 1000. */
  statsSamples?: number;
  /**
   * What the four numbers of a box are, by the names of columns that have boxes: corners, a corner and a size, or the centre
   * and a size. Numbers from 0 to 1 are shares of the image's sides. Default: columns whose names have "box" in them, and
   * what fits all of their boxes.
   */
  boxes?: Readonly<Record<string, BoxFormat>>;
  /** Heading of the page. Default: the dataset's description. */
  title?: string;
}

/** Draws that anyone can tell apart at a glance. */
const MOST_DRAWS = 64;

export const readBoxes: OptionReader<Readonly<Record<string, BoxFormat>>> = (option, value) => {
  if (value === undefined) return {};
  if (!isObject(value)) {
    throw wrongType(option, 'an object of formats by column, such as { box: "xyxy" }', value);
  }
  const formats = Object.entries(value).map(([column, format]) => [
    column,
    requireOneOf(`${option}.${column}`, format, boxFormats),
  ]);
  return Object.fromEntries(formats);
};

/** They are read with the dataset. */
const readAugmentations: OptionReader<readonly ShownAugmentation[] | undefined> = (
  option,
  value,
) => {
  if (value === undefined || Array.isArray(value)) return value;
  throw wrongType(option, "an array of augmentations", value);
};

export const readTitle = optional(stringOf("a text"));

export const showReaders = {
  samples: withDefault(integer(1), 24),
  random: withDefault(requireBoolean, false),
  seed: withDefault(integer(0), 0),
  augmentations: readAugmentations,
  draws: withDefault(integer(1, MOST_DRAWS), 4),
  statsSamples: withDefault(integer(0), 1000),
  boxes: readBoxes,
  title: readTitle,
  ...walkReaders,
} satisfies OptionReaders<ShowDatasetOptions>;
