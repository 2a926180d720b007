import { open, stat } from "node:fs/promises";
import { runtime } from "../native/runtime.js";
import {
  type AliasTable,
  bytesOfTable,
  MOST_WEIGHTS,
  type NamedArrays,
} from "../order/alias-table.js";
import { PixtokError } from "../shared/errors.js";
import { FileRefusal } from "../shared/file-refusal.js";

/**
 * A table as it is kept, little end first:
 *
 *     0        a line, and zeros
 *     128      float64 for each weight: the share that is its own
 *     then     uint32 for each weight: its alias
 *
 *     pixtok alias table 1 <weights> <digest of all that follows>
 *
 * The digest names the table. It is not compared with what follows: that would read all of it at every opening.
 */
const HEAD_BYTES = 128;
const HEAD = /^pixtok alias table 1 (\d+) ([0-9a-f]{32})\n\0*$/;
const KEPT_BYTES = Float64Array.BYTES_PER_ELEMENT;
const ALIAS_BYTES = Uint32Array.BYTES_PER_ELEMENT;

/** A map has 2 to the power of so many columns: what an array may have is bounded in every runtime. */
const MAPPED_BITS = 27;

export const bytesOfTableFile = (count: number) => HEAD_BYTES + (KEPT_BYTES + ALIAS_BYTES) * count;

export async function writeTableFile(path: string, arrays: NamedArrays): Promise<void> {
  const head = Buffer.alloc(HEAD_BYTES);
  head.write(`pixtok alias table 1 ${arrays.kept.length} ${arrays.digest}\n`, "latin1");
  const file = await open(path, "wx");
  try {
    await file.writeFile(head);
    for (const bytes of bytesOfTable(arrays)) await file.writeFile(bytes);
  } finally {
    await file.close();
  }
}

async function readHead(path: string): Promise<string> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Arrays over parts of a file, mapped one by one; undefined where it is not of that length. */
function mappedParts<T>(
  path: string,
  { from, each, count, bits }: { from: number; each: number; count: number; bits: number },
  over: (bytes: ArrayBuffer) => T,
): T[] | undefined {
  const parts: T[] = [];
  for (let first = 0; first < count; first += 2 ** bits) {
    const length = each * Math.min(2 ** bits, count - first);
    const { addon } = runtime();
    const start = from + each * first;
    const mapped = addon.mapRange(path, bytesOfTableFile(count), start, length, new Uint8Array());
    if ("code" in mapped) throw new FileRefusal(mapped);
    if ("fileBytes" in mapped) return undefined;
    parts.push(over(mapped.bytes));
  }
  return parts;
}

/** Where a table is kept. */
export interface TablePlace {
  readonly path: string;
  /** Of the file, in errors. */
  readonly name: string;
  readonly count: number;
}

/** A table in a file that is mapped. */
export interface MappedTable {
  readonly table: AliasTable;
  /** Is collected when nobody has the table any more. */
  readonly memory: object;
}

/**
 * Maps the table in a file: all processes of a machine have it in memory once.
 *
 * @param bits so many columns, as a power of two, are mapped together. Default 27.
 * @returns undefined where it is no table of so many weights.
 * @throws what stands in the way of looking, which may pass: the file may be a good one.
 */
export async function mapTableFile(
  { path, name, count }: TablePlace,
  bits = MAPPED_BITS,
): Promise<MappedTable | undefined> {
  const [, said, digest] = HEAD.exec(await readHead(path)) ?? [];
  if (digest === undefined || Number(said) !== count) return undefined;
  if ((await stat(path)).size !== bytesOfTableFile(count)) return undefined;
  const ofKept = { from: HEAD_BYTES, each: KEPT_BYTES, count, bits };
  const kept = mappedParts(path, ofKept, (bytes) => new Float64Array(bytes));
  const ofAlias = { from: HEAD_BYTES + KEPT_BYTES * count, each: ALIAS_BYTES, count, bits };
  const alias = mappedParts(path, ofAlias, (bytes) => new Uint32Array(bytes));
  if (kept === undefined || alias === undefined) return undefined;
  const within = 2 ** bits - 1;
  const at = (parts: readonly (Float64Array | Uint32Array)[], column: number) =>
    parts[column >>> bits]?.[column & within];
  const keptAt = (column: number) => at(kept, column) as number;
  const aliasAt = (column: number) => {
    const index = at(alias, column) ?? MOST_WEIGHTS;
    if (index < count) return index;
    const message = `a table of ${count} weights in the cache is damaged: it gives index ${index}`;
    const advice = "remove the file, and check the disk";
    throw new PixtokError("STORAGE_FAILED", message, { source: name, advice });
  };
  return { table: { count, digest, keptAt, aliasAt }, memory: kept };
}
