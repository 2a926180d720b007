import { createHash } from "node:crypto";
import type { AugmentationConfig } from "../../image/augmentation.js";
import type { ImageProcessor } from "../../image/image-processor.js";
import type { ImageProcessorConfig } from "../../image/image-processor-options.js";
import { outputSize } from "../../image/output-size.js";
import { differencesOf, shown } from "../../shared/differences.js";
import { PixtokError } from "../../shared/errors.js";
import { coreOfTokenizer, type Tokenizer } from "../../text/tokenizer.js";
import { type ColumnConfig, isNumberType } from "../column-types.js";
import type {
  Pack,
  PackConfig,
  PackedColumn,
  PackedImageColumn,
  PackedPictures,
} from "./pack-format.js";
import { originOfPictures } from "./packed-pictures.js";

export function tokenizerConfig(tokenizer: Tokenizer): NonNullable<PackConfig["tokenizer"]> {
  const { json, padToken = null } = coreOfTokenizer(tokenizer).files;
  const { paddingSide, truncationSide, vocabSize } = tokenizer;
  const hash = createHash("sha256");
  // how the file is laid out does not matter
  for (const value of [JSON.stringify(JSON.parse(json)), padToken, paddingSide, truncationSide]) {
    hash.update(String(value)).update("\0");
  }
  return { sha256: hash.digest("hex"), vocabSize, padToken, paddingSide, truncationSide };
}

/** What becomes of images before they are bytes; the rest is done to what was stored. */
const stored = [
  "resize",
  "filter",
  "resampler",
  "convention",
  "exifOrientation",
  "alpha",
  "decode",
] as const;

/** Differences as lines for people to read: none where all is the same. */
export function differences(pack: unknown, asked: unknown, name = ""): string[] {
  return differencesOf(pack, asked, name).map(
    ({ name: where, values: [packed, wanted] }) =>
      `${where} is ${shown(packed)} in the pack, and ${shown(wanted)} is asked for`,
  );
}

/** @throws {PixtokError} PACK_MISMATCH, naming what differs. */
export function requireSame(folder: string, pack: unknown, asked: unknown): void {
  const found = differences(pack, asked);
  if (found.length === 0) return;
  throw new PixtokError("PACK_MISMATCH", found.join("; "), { source: folder });
}

/** Images that are whole in a pack. */
export type WholeImages = Pick<PackedImageColumn, "processor" | "size">;

/**
 * Requires a processor to be the one that a pack's images were taken apart by, or made whole for conversations.
 *
 * @throws {PixtokError} PACK_MISMATCH
 */
export function requirePictures(
  { folder, config: { processor, pictures: packed, conversations } }: Pack,
  image: ImageProcessor,
  maxImages: number | undefined,
): void {
  if (conversations === null && !image.takesApart) {
    const message =
      "images in the pack are taken apart for a vision–language model, and image does not";
    throw new PixtokError("PACK_MISMATCH", message, { source: folder });
  }
  const said = (
    { keys, modelType, backend, maxImages: most }: Omit<PackedPictures, "facts">,
    config: object,
  ) => ({ image: { keys, modelType, backend, config }, maxImages: most });
  const asked = said(originOfPictures(image, maxImages), image.config);
  requireSame(folder, said(packed as PackedPictures, processor), asked);
}

/**
 * What is done to stored images to give what `asked` gives of the original ones: type, layout and
 * normalization are free, and so is the crop where the whole resized image was stored.
 *
 * @param option what the processor is called in errors.
 * @throws {PixtokError} PACK_MISMATCH
 */
export function readyProcessor(
  folder: string,
  { processor, size }: WholeImages,
  asked: ImageProcessorConfig,
  option = "image",
): ImageProcessorConfig {
  const keys = (config: ImageProcessorConfig) =>
    Object.fromEntries(stored.map((key) => [key, config[key]]));
  const found = differences(keys(processor), keys(asked), option);
  const sameCrop = differences(processor.centerCrop, asked.centerCrop, `${option}.centerCrop`);
  const cropsStored = processor.centerCrop === null || isCentred(processor, asked);
  if (!cropsStored) found.push(...sameCrop);
  if (found.length > 0)
    throw new PixtokError("PACK_MISMATCH", found.join("; "), { source: folder });
  const centerCrop = sameCrop.length === 0 ? null : asked.centerCrop;
  const ready = { ...asked, resize: size, centerCrop };
  outputSize(ready);
  return ready;
}

/**
 * Whether the middle of the stored middle is the middle of the resized image, whatever its size: it is
 * never smaller than what was stored, and the roundings of (size - crop) / 2 agree, where the crops
 * differ by a multiple of 4 (torchvision rounds to even), or of 2.
 */
function isCentred(pack: ImageProcessorConfig, asked: ImageProcessorConfig): boolean {
  const { centerCrop: outer, resize, convention } = pack;
  const inner = asked.centerCrop;
  if (outer === null || inner === null || resize === null) return false;
  const { width, height } =
    "shortestEdge" in resize && resize.longestEdge === undefined
      ? { width: resize.shortestEdge, height: resize.shortestEdge }
      : "width" in resize
        ? resize
        : { width: 0, height: 0 };
  if (width < outer.width || height < outer.height) return false;
  const step = convention === "torchvision" ? 4 : 2;
  const margins = [outer.width - inner.width, outer.height - inner.height];
  return margins.every((margin) => margin >= 0 && margin % step === 0);
}

/**
 * Augmentation gives what it gives of the original images, or else a random crop of what was stored
 * with a margin; what it would need of the original images is refused.
 *
 * @param option what the processor and its augmentation are called in errors: those of the dataset, or of a column.
 * @throws {PixtokError} PACK_MISMATCH
 */
export function requireStored(
  folder: string,
  { processor }: Pick<PackConfig, "processor">,
  { randomResizedCrop, randomCrop }: AugmentationConfig,
  asked: ImageProcessorConfig,
  { image = "image", augmentation = "augmentation" } = {},
): void {
  const refuse = (what: string) => {
    throw new PixtokError("PACK_MISMATCH", what, { source: folder });
  };
  if (randomResizedCrop !== null) {
    refuse(
      `${augmentation}.randomResizedCrop takes parts of the original images, which are not in it`,
    );
  }
  const isWhole = processor.centerCrop === null;
  const hasMargin =
    differences(processor.centerCrop, asked.centerCrop).length > 0 && asked.centerCrop !== null;
  if (randomCrop !== null && !isWhole && !hasMargin) {
    refuse(
      `${augmentation}.randomCrop needs images that were stored with a margin (pixtok pack --size), and ${image}.centerCrop for the size of the crop`,
    );
  }
}

/** Whether what was stored of a column gives what its source gives as another type. */
function givesType({ type, classes }: PackedColumn, asked: ColumnConfig["type"]): boolean {
  if (type === asked || type === "json") return true;
  if (type === "string") return asked !== "json"; // a number that became a string stays one
  if (asked === "string") return classes !== null;
  return isNumberType(asked) && type !== "float32"; // rounded
}

/**
 * Requires a pack's columns to give what is asked for: integers may become other numbers, and numbers of
 * classes their names.
 *
 * @throws {PixtokError} PACK_MISMATCH
 */
export function requireColumns(
  { folder, config: { columns } }: Pack,
  asked: readonly ColumnConfig[],
): void {
  for (const { name, type, shape } of asked) {
    const there = columns.find((column) => column.name === name);
    if (there === undefined) throw missingColumn(folder, name, columns);
    const isNumber = isNumberType(there.type) && isNumberType(type);
    if (isNumber) requireSame(folder, { [name]: { shape: there.shape } }, { [name]: { shape } });
    if (!givesType(there, type)) {
      requireSame(folder, { [name]: { type: there.type } }, { [name]: { type } });
    }
  }
}

/**
 * What a pack has of a column of images.
 *
 * @param option that names it.
 * @throws {PixtokError} PACK_MISMATCH where there is no such column.
 */
export function packedImageColumn(
  { folder, config: { imageColumns } }: Pack,
  name: string,
  option = "columns",
): PackedImageColumn {
  const found = imageColumns.find((column) => column.name === name);
  if (found !== undefined) return found;
  throw missingColumn(folder, name, imageColumns, option, "columns of images");
}

export function missingColumn(
  folder: string,
  name: string,
  columns: readonly Pick<PackedColumn, "name">[],
  option = "columns",
  what = "columns",
): PixtokError {
  const there = columns.length === 0 ? "none" : columns.map((column) => column.name).join(", ");
  const message = `${option}: expected ${JSON.stringify(name)} among the ${what}, got ${there}`;
  return new PixtokError("PACK_MISMATCH", message, { source: folder });
}
