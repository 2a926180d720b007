import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { findSpan } from "../../shared/find-span.js";
import { growingNumbers } from "../../shared/growing-numbers.js";
import type { ReadContent } from "../index-pages.js";
import { boundedCache } from "./bounded-cache.js";
import { mostRows, type RowGroup, requireGroup } from "./parquet-chunks.js";
import {
  type FileEnding,
  type FileMetadata,
  MOST_FOOTER_BYTES,
  requireFooter,
} from "./parquet-file.js";
import { columnsIn, type ParquetColumns } from "./parquet-metadata.js";
import { leavesOf, type ParquetLeaf } from "./parquet-schema.js";

/**
 * What the footers of a set's files say, little end first. Tables, which are read when the set is opened:
 *
 *     uint32                  how many schemas follow
 *     uint32, bytes           for each: its length, and the schema
 *     4 × uint32              for each file: its schema, the bytes and the checksum of its footer, and how many runs it has,
 *                             which follow
 *     float64, float64        for each run of row groups of the same size: their rows, and how many they are
 *
 * And places, which are read when a row is asked for: for each row group, for each of its columns,
 *
 *     4 × float64             where it begins, its bytes, its values, its codec
 */
const CHUNK_BYTES = 32;

/** What a table has of a file beside its schema and its runs; and of a run. */
const FILE_BYTES = 20;
const RUN_BYTES = 16;
/** A row group takes as much of a footer at least: three fields that it must have. */
const LEAST_GROUP_BYTES = 7;

/** Bytes of tables that footers of files can account for: a schema stands in them as it is, and each row group is a run at most. */
export function mostTableBytes(fileSizes: readonly number[]): number {
  const bytesOf = (size: number) =>
    FILE_BYTES + Math.ceil((1 + RUN_BYTES / LEAST_GROUP_BYTES) * Math.min(size, MOST_FOOTER_BYTES));
  return fileSizes.reduce((bytes, size) => bytes + bytesOf(size), 4);
}

/** An index that has been made. */
export interface MadeParquetIndex {
  readonly tables: Buffer;
  readonly places: Buffer;
  readonly files: number;
  readonly groups: number;
}

/** Where a row is in the files of a set. */
export interface RowInFiles {
  readonly file: number;
  /** Its row group in the file, and how many rows that has. */
  readonly group: number;
  readonly rowsOfGroup: number;
  /** In the group. */
  readonly row: number;
  /** In the file, from 1. */
  readonly number: number;
}

/** The files of a set, as an index has them. */
export interface ParquetIndex {
  /** A digest of its tables. */
  readonly tables: string;
  readonly rows: number;
  readonly groups: number;
  /** What the files' columns are, in the order in which files have them first. */
  readonly columns: readonly ParquetColumns[];
  /** Which of these a file has. */
  columnsOf(file: number): number;
  /** Which footer a file has. */
  endingOf(file: number): FileEnding;
  /** How many row groups a file has. */
  groupsOf(file: number): number;
  /** The file of a row group, of those of all files. */
  fileOf(group: number): number;
  /** Rows of the row groups of all files. */
  blockLengths(): number[];
  at(index: number): RowInFiles;
  /** A row group of a file, of so many rows; undefined where that part of the index is damaged. */
  groupAt(file: number, group: number, rows: number): Promise<RowGroup | undefined>;
  /** Whether a file's footer says what the index says of it. */
  holds(file: number, footer: FileMetadata): Promise<boolean>;
}

const digestOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

function uint32s(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32LE(value, 4 * i);
  return bytes;
}

function float64s(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [i, value] of values.entries()) bytes.writeDoubleLE(value, 8 * i);
  return bytes;
}

function runsIn(groups: readonly RowGroup[]): [rows: number, count: number][] {
  const runs: [number, number][] = [];
  for (const { rows } of groups) {
    const last = runs.at(-1);
    if (last?.[0] === rows) last[1] += 1;
    else runs.push([rows, 1]);
  }
  return runs;
}

/** Of a row group without rows nothing was required: it may lack columns. */
const NO_CHUNK = { start: 0, bytes: 0, values: 0, codec: 0 };

function placesOf(groups: readonly RowGroup[], columns: number): Buffer {
  const places = Buffer.alloc(CHUNK_BYTES * columns * groups.length);
  let at = 0;
  for (const group of groups) {
    for (let column = 0; column < columns; column += 1) {
      const { start, bytes, values, codec } = group.columns[column] ?? NO_CHUNK;
      for (const value of [start, bytes, values, codec]) at = places.writeDoubleLE(value, at);
    }
  }
  return places;
}

/** Makes an index of what the footers of files say, which come in the order of the files. */
export function parquetIndexMaker() {
  const schemas = new Map<string, { number: number; schema: Buffer }>();
  const ofFiles: Buffer[] = [];
  const places: Buffer[] = [];
  let groupsOfAll = 0;
  return {
    add({ schema, columns, groups, ending }: FileMetadata): void {
      const key = schema.toString("latin1");
      const { number } = schemas.get(key) ?? { number: schemas.size };
      schemas.set(key, { number, schema });
      const runs = runsIn(groups);
      const { footerBytes, checksum } = ending;
      ofFiles.push(uint32s(number, footerBytes, checksum, runs.length), float64s(runs.flat()));
      places.push(placesOf(groups, leavesOf(columns).length));
      groupsOfAll += groups.length;
    },
    finished(): MadeParquetIndex {
      const ofSchemas = [...schemas.values()].flatMap(({ schema }) => [
        uint32s(schema.length),
        schema,
      ]);
      return {
        tables: Buffer.concat([uint32s(schemas.size), ...ofSchemas, ...ofFiles]),
        places: Buffer.concat(places),
        files: places.length,
        groups: groupsOfAll,
      };
    },
  };
}

/** Tells tables from others: those of the same files, by their names, sizes and times, may differ. */
export function digestOfTables(tables: Buffer): string {
  return digestOf(tables);
}

/** @throws {RangeError} */
function readTables(tables: Buffer, fileSizes: readonly number[]) {
  let at = 0;
  const uint32 = () => {
    at += 4;
    return tables.readUInt32LE(at - 4);
  };
  const wholeNumber = (least: number) => {
    const value = tables.readDoubleLE(at);
    at += 8;
    if (!(Number.isSafeInteger(value) && value >= least)) throw new RangeError("no such number");
    return value;
  };
  const columns: ParquetColumns[] = [];
  const digests: string[] = [];
  for (let left = uint32(); left > 0; left -= 1) {
    const length = uint32();
    if (length > tables.length - at) throw new RangeError("a schema ends early");
    const schema = tables.subarray(at, at + length);
    columns.push(columnsIn(schema));
    digests.push(digestOf(schema));
    at += length;
  }
  const leaves = columns.map((one) => leavesOf(one.columns));

  const schemas = new Uint32Array(fileSizes.length);
  const footerBytes = new Uint32Array(fileSizes.length);
  const checksums = new Uint32Array(fileSizes.length);
  const placesStart = new Float64Array(fileSizes.length);
  const firstRows = new Float64Array(fileSizes.length);
  const groupEnds = new Float64Array(fileSizes.length);
  const runEnds = growingNumbers();
  /** The first row group of each run, of those of all files. */
  const runStarts = growingNumbers();
  let [rows, groups, placesBytes, schemasSeen] = [0, 0, 0, 0];
  for (const [file, size] of fileSizes.entries()) {
    const schema = uint32();
    const own = leaves[schema];
    if (own === undefined || schema > schemasSeen) throw new RangeError("there is no such schema");
    schemasSeen = Math.max(schemasSeen, schema + 1);
    schemas[file] = schema;
    const footer = uint32();
    requireFooter(footer, size);
    footerBytes[file] = footer;
    checksums[file] = uint32();
    placesStart[file] = placesBytes;
    firstRows[file] = rows;
    const firstGroup = groups;
    for (let left = uint32(); left > 0; left -= 1) {
      const rowsOfGroup = wholeNumber(0);
      if (rowsOfGroup > mostRows(size)) throw new RangeError("a row group has too many rows");
      const count = wholeNumber(1);
      runStarts.push(groups);
      rows += rowsOfGroup * count;
      groups += count;
      runEnds.push(rows);
    }
    if (groups - firstGroup > size / LEAST_GROUP_BYTES) {
      throw new RangeError("a file has too many row groups");
    }
    groupEnds[file] = groups;
    placesBytes += CHUNK_BYTES * own.length * (groups - firstGroup);
  }
  if (schemasSeen !== columns.length) throw new RangeError("a schema is of no file");
  if (at !== tables.length) throw new RangeError("there is more than the files have");
  if (!Number.isSafeInteger(rows)) throw new RangeError("there are too many rows");
  return {
    ...{
      columns,
      digests,
      leaves,
      schemas,
      footerBytes,
      checksums,
      placesStart,
      firstRows,
      groupEnds,
      rows,
      groups,
      placesBytes,
    },
    runEnds: runEnds.finished(),
    runStarts: runStarts.finished(),
  };
}

/** Row groups that are kept in memory. */
const MOST_GROUP_BYTES = 2 ** 23;
/** About what a row group, and a column of it, take in memory. */
const GROUP_BYTES = 256;
const COLUMN_BYTES = 96;

/**
 * Opens an index, which may be damaged or forged: what it says of a row group is held against the file, as what a footer says.
 *
 * @param fileSizes bytes of each file.
 * @param places bytes of the places, and how they are read.
 * @throws {RangeError} where the tables do not fit together, the files or the places.
 */
export function openParquetIndex(
  tables: Buffer,
  fileSizes: readonly number[],
  places: { readonly bytes: number; readonly read: ReadContent },
): ParquetIndex {
  const { runEnds, runStarts, leaves, ...of } = readTables(tables, fileSizes);
  if (of.placesBytes !== places.bytes)
    throw new RangeError("there are other row groups than places");
  const kept = boundedCache(MOST_GROUP_BYTES);
  const readGroup = async (file: number, group: number, rows: number) => {
    const own = leaves[of.schemas[file] as number] as readonly ParquetLeaf[];
    const length = CHUNK_BYTES * own.length;
    const start = (of.placesStart[file] as number) + length * group;
    const stored = await places.read(start, length);
    if (stored === undefined) throw new RangeError("the places of a row group are damaged");
    const named = own.map(({ path }, column) => {
      const at = CHUNK_BYTES * column;
      const [start, bytes] = [stored.readDoubleLE(at), stored.readDoubleLE(at + 8)];
      const [values, codec] = [stored.readDoubleLE(at + 16), stored.readDoubleLE(at + 24)];
      return { path, start, bytes, values, codec };
    });
    requireGroup({ rows, columns: named }, own, fileSizes[file] as number);
    const columns = named.map(({ path: _, ...chunk }) => chunk);
    return { value: { rows, columns }, bytes: GROUP_BYTES + COLUMN_BYTES * columns.length };
  };
  const groupsOf = (file: number): number =>
    (of.groupEnds[file] as number) - (file === 0 ? 0 : (of.groupEnds[file - 1] as number));
  const endingOf = (file: number): FileEnding => ({
    footerBytes: of.footerBytes[file] as number,
    checksum: of.checksums[file] as number,
  });
  const runAt = (run: number): [rows: number, count: number] => {
    const count = (runStarts[run + 1] ?? of.groups) - (runStarts[run] as number);
    return [((runEnds[run] as number) - (runEnds[run - 1] ?? 0)) / count, count];
  };
  const runsOf = (file: number): [rows: number, count: number][] =>
    [...runStarts.keys()]
      .filter((run) => findSpan(of.groupEnds, runStarts[run] as number).span === file)
      .map(runAt);
  return {
    tables: digestOfTables(tables),
    rows: of.rows,
    groups: of.groups,
    columns: of.columns,
    columnsOf: (file) => of.schemas[file] as number,
    endingOf,
    groupsOf,
    fileOf: (group) => findSpan(of.groupEnds, group).span,
    blockLengths() {
      const lengths: number[] = [];
      for (const run of runStarts.keys()) {
        const [rows, count] = runAt(run);
        for (let left = count; left > 0; left -= 1) lengths.push(rows);
      }
      return lengths;
    },
    at(index) {
      const { span: run, indexInSpan } = findSpan(runEnds, index);
      const [rows] = runAt(run);
      const groupOfAll = (runStarts[run] as number) + Math.floor(indexInSpan / rows);
      const { span: file, indexInSpan: group } = findSpan(of.groupEnds, groupOfAll);
      return {
        file,
        group,
        rowsOfGroup: rows,
        row: indexInSpan % rows,
        number: index - (of.firstRows[file] as number) + 1,
      };
    },
    groupAt: (file, group, rows) =>
      kept
        .get(`${file} ${group}`, () => readGroup(file, group, rows))
        .catch((cause) => {
          if (cause instanceof RangeError) return undefined;
          throw cause;
        }),
    async holds(file, { schema, groups, ending }) {
      const number = of.schemas[file] as number;
      const said = placesOf(groups, leaves[number]?.length ?? 0);
      return (
        isDeepStrictEqual(endingOf(file), ending) &&
        of.digests[number] === digestOf(schema) &&
        isDeepStrictEqual(runsOf(file), runsIn(groups)) &&
        (await places.read(of.placesStart[file] as number, said.length))?.equals(said) === true
      );
    },
  };
}
