import type { Sized } from "./bounded-cache.js";
import { isPaged, isSmall } from "./paged-column.js";
import type { RowGroup } from "./parquet-chunks.js";
import { chunkOf, readColumn, readValueRanges } from "./parquet-column.js";
import type { PairColumns } from "./parquet-columns.js";
import type { ParquetFile } from "./parquet-file.js";
import { readNested } from "./parquet-nested.js";
import type { ParquetLeaf } from "./parquet-schema.js";
import type { Maker } from "./parquet-values.js";
import { withParts } from "./parts-in-memory.js";
import { type TextValue, textMaker } from "./text-values.js";

/** What a view costs beside its bytes. */
const VIEW_BYTES = 96;
/** What an array of a row's texts costs beside them. */
const LIST_BYTES = 64;

/** An image's bytes, or where they are in the file; null where it has none. */
export type ImageBytes = Uint8Array | { offset: number; length: number } | null;

/** The bytes of a row's image, or of each of a list. */
export type ImageAt = (row: number) => ImageBytes | readonly ImageBytes[];

/** Views of a page, which stay in memory as long as any of them does. */
export const viewMaker: Maker<Buffer | null> = {
  bytes: (page, start, end) => page.subarray(start, end),
  integer: () => null,
};

/** What the format has, but texts that are not UTF-8, which are marked. */
export const plainMaker: Maker<unknown> = {
  bytes: textMaker().bytes,
  integer: (value) => value,
  float: (value) => value,
  boolean: (value) => value,
};

/** Values of structs, among which there may be bytes. */
const partMaker = ({ kind }: ParquetLeaf): Maker<unknown> =>
  kind === "bytes" ? viewMaker : plainMaker;

/** A row's text, or several. */
export type TextsOfRow = TextValue | readonly (TextValue | null)[] | null;

type TextValues = readonly TextsOfRow[];

/** What the rows of a group have beside their images' bytes, of columns that are not read a page at a time. */
export interface Others {
  readonly texts: TextValues | undefined;
  /** Paths of each column of images, where it has them. */
  readonly paths: readonly (TextValues | undefined)[];
  readonly ids: readonly (TextValue | null)[] | undefined;
  /** What rows have of the other columns, by the columns' names; a RangeError for a row that is damaged. */
  readonly columns: Readonly<Record<string, (row: number) => unknown>>;
}

/** Rows of a column without lists. */
async function readEach<T>(
  file: ParquetFile,
  group: RowGroup,
  leaf: ParquetLeaf,
  make: Maker<T>,
): Promise<Sized<(T | null)[]>> {
  const value: (T | null)[] = [];
  const bytes = await readColumn(file, group, leaf, make, (row, one) => {
    value[row] = one;
  });
  return { value, bytes };
}

/** Rows of a column, of lists all their elements. */
async function readAll<T>(
  file: ParquetFile,
  group: RowGroup,
  leaf: ParquetLeaf,
  make: Maker<T>,
): Promise<Sized<(T | null)[] | ((T | null)[] | null)[]>> {
  const inList = leaf.lists.at(-1);
  if (inList === undefined) return readEach(file, group, leaf, make);
  const value: ((T | null)[] | null)[] = [];
  let elements = 0;
  const bytes = await readColumn(file, group, leaf, make, (row, one, repetition, definition) => {
    if (repetition === 0) value[row] = definition >= inList - 1 ? [] : null;
    if (definition >= inList) value[row]?.push(one);
    elements += 1;
  });
  return { value, bytes: bytes + LIST_BYTES * value.length + 8 * elements };
}

/** Rows of a column beside texts and images, or lists of them. */
async function readOther(file: ParquetFile, group: RowGroup, leaf: ParquetLeaf) {
  const { value, bytes } = await readAll(file, group, leaf, plainMaker);
  // the list itself stays in the cache
  const at = (row: number): unknown => {
    const own = value[row];
    return Array.isArray(own) ? [...own] : own;
  };
  return { value: at, bytes };
}

/** Column chunks that are small enough to be read whole. */
function wholeChunks(group: RowGroup, leaves: readonly ParquetLeaf[]) {
  return leaves.map((leaf) => chunkOf(group, leaf).chunk).filter(isSmall);
}

/** Reads columns of a row group, those together that lie together, but for those that are read a page at a time. */
export async function readOthers(
  opened: ParquetFile,
  group: RowGroup,
  columns: PairColumns,
): Promise<Sized<Others>> {
  const own = (leaf: ParquetLeaf | undefined): ParquetLeaf | undefined =>
    leaf === undefined || isPaged(group, leaf) ? undefined : leaf;
  const [text, id] = [own(columns.texts), own(columns.id)];
  const pathsOfImages = columns.images.map((column) => own(column?.path));
  const wanted = columns.others.filter(({ leaf }) => leaf === undefined || own(leaf) !== undefined);
  const leaves = [text, id, ...pathsOfImages].filter((leaf) => leaf !== undefined);
  for (const { leaf, nested } of wanted) leaves.push(...(leaf ? [leaf] : (nested?.leaves ?? [])));
  const file = await withParts(opened, wholeChunks(group, leaves));

  const texts = text && (await readAll(file, group, text, textMaker(columns.classes)));
  const ids = id && (await readEach(file, group, id, textMaker()));
  let bytes = (texts?.bytes ?? 0) + (ids?.bytes ?? 0);
  const paths: (TextValues | undefined)[] = [];
  for (const path of pathsOfImages) {
    const read = path && (await readAll(file, group, path, textMaker()));
    paths.push(read?.value);
    bytes += read?.bytes ?? 0;
  }
  const others: [string, (row: number) => unknown][] = [];
  for (const { name, leaf, nested } of wanted) {
    const read =
      leaf === undefined
        ? await readNested(file, group, nested, partMaker)
        : await readOther(file, group, leaf);
    others.push([name, read.value]);
    bytes += read.bytes;
  }
  return {
    value: {
      texts: texts?.value,
      paths,
      ids: ids?.value,
      columns: Object.fromEntries(others),
    },
    bytes,
  };
}

/** Images of a row group, or where they are. */
export async function readImages(
  opened: ParquetFile,
  group: RowGroup,
  leaf: ParquetLeaf,
): Promise<Sized<ImageAt>> {
  const file = await withParts(opened, wholeChunks(group, [leaf]));
  const ranges = await readValueRanges(file, group, leaf);
  if (ranges !== undefined) {
    const { offsets, sizes, ends } = ranges;
    const at = (place: number): ImageBytes => {
      const length = sizes[place] as number;
      return length < 0 ? null : { offset: offsets[place] as number, length };
    };
    const value: ImageAt = (row) => {
      if (ends === undefined) return at(row);
      const start = row === 0 ? 0 : (ends[row - 1] as number);
      return Array.from({ length: (ends[row] as number) - start }, (_, place) => at(start + place));
    };
    return { value, bytes: offsets.byteLength + sizes.byteLength + (ends?.byteLength ?? 0) };
  }
  const { value: images, bytes } = await readAll(file, group, leaf, viewMaker);
  return { value: (row) => images[row] ?? null, bytes: bytes + VIEW_BYTES * images.length };
}
