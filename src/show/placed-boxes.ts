import type { ImageProcessorConfig } from "../image/image-processor-options.js";
import type { Size } from "../image/output-size.js";
import { PixtokError } from "../shared/errors.js";
import { type Box, type BoxFormat, boxInPixels, guessedFormat } from "./boxes.js";
import { boxesOfModel } from "./model-view.js";
import type { ShownPair } from "./shown-pairs.js";

/** The boxes of a pair's first image. */
export interface PlacedBoxes {
  /** In pixels of the original. */
  readonly original: readonly Box[];
  /** In pixels of what the model gets. */
  readonly model: readonly Box[];
}

/** Boxes of all pairs, and what the numbers of each column have been taken for. */
export interface AllBoxes {
  readonly ofPairs: ReadonlyMap<ShownPair<unknown>, PlacedBoxes>;
  readonly formats: ReadonlyMap<string, BoxFormat>;
}

/** Size of the original of a pair's first image; undefined where it is not known. */
function sizeOf({ images: [first] }: ShownPair<unknown>): Size | undefined {
  const original = first?.original;
  return original === undefined || original instanceof PixtokError ? undefined : original.size;
}

/**
 * @param given what the numbers of columns are; others are found by all pairs.
 * @param config of the processor; null where what the model gets has been drawn or taken apart, so that nobody knows where
 *   a box is in it.
 */
export function placedBoxes(
  pairs: readonly ShownPair<unknown>[],
  given: Readonly<Record<string, BoxFormat>>,
  config: ImageProcessorConfig | null,
): AllBoxes {
  const formats = new Map<string, BoxFormat>();
  const columns = new Set(pairs.flatMap(({ boxes }) => boxes.map(({ column }) => column)));
  for (const column of columns) {
    const all = pairs.flatMap((pair) => {
      const size = sizeOf(pair);
      const own = pair.boxes.filter((one) => one.column === column);
      return size === undefined
        ? []
        : own.flatMap(({ boxes }) => boxes.map((box) => ({ box, size })));
    });
    const known = Object.hasOwn(given, column) ? given[column] : undefined;
    formats.set(column, known ?? guessedFormat(column, all));
  }
  const ofPairs = pairs.map((pair): [ShownPair<unknown>, PlacedBoxes] => {
    const size = sizeOf(pair);
    if (size === undefined) return [pair, { original: [], model: [] }];
    const original = pair.boxes.flatMap(({ column, boxes, labels }) =>
      boxes.map((box, i) =>
        boxInPixels(box, labels[i] ?? "", formats.get(column) as BoxFormat, size),
      ),
    );
    return [pair, { original, model: config === null ? [] : boxesOfModel(original, size, config) }];
  });
  return { ofPairs: new Map(ofPairs), formats };
}
