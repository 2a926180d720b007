import { stripOf } from "../../image/views/stored-pictures.js";
import { PixtokError } from "../../shared/errors.js";
import { integer, optional, type ReadOptions, withDefault } from "../../shared/options.js";
import type { SourceContext } from "../../shared/sample-context.js";
import { requireBoolean } from "../../shared/validation.js";
import {
  type ColumnTypes,
  isNumberType,
  readColumnNames,
  readImageColumns,
} from "../column-types.js";
import type { PairSource } from "../pair-source.js";
import { endsOf, type FoundRow } from "./file-rows.js";
import type { PackedPair, PackedSource } from "./is-packed.js";
import { invalidPack, type PackConfig, type PackedColumn } from "./pack-format.js";
import { missingColumn, packedImageColumn } from "./pack-match.js";
import type { PackedPictureRows, PackedRows } from "./packed-rows.js";
import {
  copyOf,
  imageAt,
  picturesAt,
  stringAt,
  textsAt,
  tokenIdsAt,
  tokenNumbersAt,
  valueAt,
} from "./packed-values.js";

/** A column of the set that pairs are given with, and its place among all of them. */
interface ChosenColumn {
  readonly column: PackedColumn;
  readonly place: number;
}

function chooseColumns(
  folder: string,
  { columns, imageColumns, text }: PackConfig,
  names: readonly string[] | "auto",
): ChosenColumn[] {
  const all = columns.map((column, place) => ({ column, place }));
  if (names === "auto") return all;
  return names.flatMap((name) => {
    const found = all.find(({ column }) => column.name === name);
    if (found !== undefined) return found;
    if (name === text?.ready?.column) return []; // the tokens, which are the pack's own
    if (imageColumns.some((column) => column.name === name)) {
      const message = `columns: ${JSON.stringify(name)} is a column of images; expected it in imageColumns, or as "image" in a dataset's columns`;
      throw new PixtokError("PACK_MISMATCH", message, { source: folder });
    }
    throw missingColumn(folder, name, columns);
  });
}

function typesOf(chosen: readonly ChosenColumn[]): ColumnTypes {
  const types = chosen.map(({ column: { name, type, shape } }) => [
    name,
    isNumberType(type) && shape.length > 0 ? { type, shape } : type,
  ]);
  return Object.fromEntries(types) as ColumnTypes;
}

function classNamesOf(chosen: readonly ChosenColumn[]): Pick<PackedSource, "classNames"> {
  const named = chosen.flatMap(({ column: { name, classes } }) =>
    classes === null ? [] : [[name, classes] as const],
  );
  return named.length === 0 ? {} : { classNames: Object.fromEntries(named) };
}

export const packedReaders = {
  columns: readColumnNames,
  imageColumns: readImageColumns,
  texts: withDefault(requireBoolean, true),
  version: optional(integer(1)),
};

/** What is given of the pairs of a packed set. */
export type PackedChoice = ReadOptions<typeof packedReaders>;

/** What a row is found for. */
export type RowContext = Pick<SourceContext, "keep" | "textAlone" | "signal"> | undefined;

/** The files of a packed set, in their order. */
export interface PackedFiles extends Pick<PairSource, "readAhead"> {
  /** The set's folder, or the URL of it. */
  readonly folder: string;
  readonly tokenizerFolder: string;
  readonly config: PackConfig;
  readonly fingerprint: string;
  /** Rows of each file. */
  readonly rows: Int32Array | readonly number[];
  /** What `read` makes of a row, which may have to be waited for. It stays for as long as `read` runs, or longer where it says so. */
  readRow<T>(index: number, context: RowContext, read: (found: FoundRow) => T): T | Promise<T>;
}

function sizeInWords({ size }: PackConfig): string {
  return size === null ? "" : ` of ${size.width}x${size.height}`;
}

/** The image of a row, or its images where they were taken apart. */
function imagesAt(
  { images, imageRows }: PackedRows,
  row: number,
  { size }: PackConfig,
): Pick<PackedPair, "image" | "stored"> {
  if (size !== null) return { image: imageAt(images as Uint8Array, row - imageRows.first, size) };
  const stored = picturesAt(images as PackedPictureRows, row);
  return { image: stored.map(stripOf), stored };
}

/** @throws {PixtokError} INVALID_PACK where there are no rows; PACK_MISMATCH where there is no such column. */
export function packedSource(
  { folder, tokenizerFolder, config, fingerprint, rows, readRow, readAhead }: PackedFiles,
  given: PackedChoice,
): PackedSource {
  const chosen = chooseColumns(folder, config, given.columns);
  const pack = { folder, tokenizerFolder, config };
  const images = given.imageColumns.map((name) => packedImageColumn(pack, name, "imageColumns"));
  const imagePlaces = images.map((column) => config.imageColumns.indexOf(column));
  const hasColumns = chosen.length + images.length > 0;
  const length = endsOf(rows).at(-1) ?? 0;
  if (length === 0) throw invalidPack(folder, "it has no rows");

  const pairOf = (message: PackedRows, row: number, index: number): PackedPair => ({
    ...imagesAt(message, row, config),
    text: given.texts ? textsAt(message, row) : "",
    key: stringAt(message.keys, row),
    tokenIds: tokenIdsAt(message, row),
    ...(config.conversations !== null && {
      tokens: tokenNumbersAt(message, row, config.conversations.tokens),
    }),
    ...(hasColumns && { columns: columnsAt(message, row, index) }),
  });
  const columnsAt = (
    message: PackedRows,
    row: number,
    index: number,
  ): Readonly<Record<string, unknown>> => {
    const { columns } = message;
    const values = chosen.map(({ column, place }) => {
      try {
        return [column.name, valueAt(columns[place] as PackedRows["columns"][number], row, column)];
      } catch (cause) {
        const reason = `the column ${JSON.stringify(column.name)} is no JSON: ${(cause as Error).message}`;
        throw new PixtokError("INVALID_PACK", reason, { index, source: folder, cause });
      }
    });
    const ofImages = images.map(({ name, size }, i) => {
      const planes = message.imageColumns[imagePlaces[i] as number] as Uint8Array;
      return [name, imageAt(planes, row, size)] as const;
    });
    return Object.fromEntries([...values, ...ofImages]);
  };

  return {
    length,
    pack,
    fingerprint,
    description: `packed set, ${length} ${config.conversations?.chat.rows ?? "pairs"}${sizeInWords(config)} in ${rows.length} files`,
    blockLengths: () => rows.slice(), // which who gets it may write to
    ...(readAhead && { readAhead }),
    ...(given.columns === "auto" && { columnTypes: typesOf(chosen) }),
    ...classNamesOf(chosen),
    get(index, context) {
      return readRow(index, context, ({ message, row, stays, isMapped }) => {
        const pair = pairOf(message, row, index);
        return stays ? pair : copyOf(pair, isMapped);
      });
    },
    texts: (index, context) =>
      given.texts
        ? readRow(index, { ...context, textAlone: true }, ({ message, row }) =>
            textsAt(message, row),
          )
        : "",
  };
}
