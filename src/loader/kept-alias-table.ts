import { open, realpath, stat } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { runtime } from "../native/runtime.js";
import {
  type AliasArrays,
  type AliasTable,
  aliasTableMaker,
  bytesOfTable,
  digestOfTable,
  tableInMemory,
  weightSum,
} from "../order/alias-table.js";
import { copyCache } from "../remote/copy-cache.js";
import { fetchOnce } from "../remote/fetch-once.js";
import { copyKey } from "../remote/remote-file.js";
import type { RemoteSettings } from "../remote/remote-options.js";
import { neverAborted } from "../shared/abort.js";
import { problemOfWeights, type WeightsFile } from "./weights-file.js";

/**
 * A table as it is kept, little end first:
 *
 *     0        a line, and zeros
 *     128      float64 for each weight: the share that is its own
 *     then     uint32 for each weight: its alias
 *
 *     pixtok alias table 1 <weights> <digest of all that follows>
 */
const HEAD_BYTES = 128;
const HEAD = /^pixtok alias table 1 (\d+) ([0-9a-f]{32})\n\0*$/;
const KEPT_BYTES = Float64Array.BYTES_PER_ELEMENT;
const ALIAS_BYTES = Uint32Array.BYTES_PER_ELEMENT;
const bytesWith = (count: number) => HEAD_BYTES + (KEPT_BYTES + ALIAS_BYTES) * count;

/** A map has 2 to the power of so many columns: what an array may have is bounded in every runtime. */
const MAPPED_BITS = 27;

/** Columns that are paired off before others have their turn: claims are to be kept alive. */
const PAIRED_AT_ONCE = 2 ** 22;

/** @throws {PixtokError} INVALID_WEIGHTS, SOURCE_CHANGED, OUT_OF_MEMORY; FILE_UNREADABLE, or a fault of the machine. */
async function makeTable(file: WeightsFile): Promise<AliasArrays> {
  const adding = weightSum();
  for await (const weights of file.pieces()) {
    const problem = adding.add(weights);
    if (problem !== undefined) throw problemOfWeights(file.path, problem);
  }
  const sum = adding.total();
  if (typeof sum !== "number") throw problemOfWeights(file.path, sum);
  const maker = aliasTableMaker(file.count, sum);
  for await (const weights of file.pieces()) maker.add(weights);
  await file.requireUnchanged();
  while (!maker.pairOff(PAIRED_AT_ONCE)) await nextTurn();
  return maker.finish();
}

async function writeTable(path: string, arrays: AliasArrays): Promise<void> {
  const head = Buffer.alloc(HEAD_BYTES);
  head.write(`pixtok alias table 1 ${arrays.kept.length} ${digestOfTable(arrays)}\n`, "latin1");
  const file = await open(path, "wx");
  try {
    await file.writeFile(head);
    for (const bytes of bytesOfTable(arrays)) await file.writeFile(bytes);
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
    const mapped = addon.mapRange(path, bytesWith(count), from + each * first, length);
    if (!("bytes" in mapped)) return undefined;
    parts.push(over(mapped.bytes));
  }
  return parts;
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

/** The table in a file, which all ranks of a machine have in memory once; undefined where it is none of so many weights. */
async function mappedTable(
  path: string,
  count: number,
  bits: number,
): Promise<AliasTable | undefined> {
  const [, said, digest] = HEAD.exec(await readHead(path)) ?? [];
  if (digest === undefined || Number(said) !== count) return undefined;
  if ((await stat(path)).size !== bytesWith(count)) return undefined;
  const ofKept = { from: HEAD_BYTES, each: KEPT_BYTES, count, bits };
  const kept = mappedParts(path, ofKept, (bytes) => new Float64Array(bytes));
  const ofAlias = { from: HEAD_BYTES + KEPT_BYTES * count, each: ALIAS_BYTES, count, bits };
  const alias = mappedParts(path, ofAlias, (bytes) => new Uint32Array(bytes));
  if (kept === undefined || alias === undefined) return undefined;
  const within = 2 ** bits - 1;
  const at = (parts: readonly (Float64Array | Uint32Array)[], column: number) =>
    parts[column >>> bits]?.[column & within] as number;
  return {
    ...{ count, digest },
    keptAt: (column) => at(kept, column),
    aliasAt: (column) => at(alias, column),
  };
}

/**
 * The table of a file's weights. One process of a machine makes it, and keeps it in the cache of copies, where others map
 * it. Where it cannot be kept, it is in memory.
 *
 * @param mappedBits so many columns, as a power of two, are mapped together. Default 27.
 * @throws {PixtokError} INVALID_WEIGHTS, SOURCE_CHANGED, OUT_OF_MEMORY; FILE_UNREADABLE, or a fault of the machine.
 */
export async function keptAliasTable(
  file: WeightsFile,
  { cacheDir, cacheBytes }: Pick<RemoteSettings, "cacheDir" | "cacheBytes">,
  mappedBits = MAPPED_BITS,
): Promise<AliasTable> {
  const { path, type, count, version } = file;
  let making: Promise<AliasArrays> | undefined;
  const made = () => {
    making ??= makeTable(file);
    return making;
  };
  const kept = async (): Promise<AliasTable | undefined> => {
    const { size, modified } = version;
    const key = copyKey("alias table", await realpath(path), type, size, modified);
    const cache = await copyCache(cacheDir);
    const find = async () => {
      await fetchOnce(cache, key, neverAborted, (signal) =>
        cache.add(key, {
          ...{ bytes: bytesWith(count), most: cacheBytes, signal },
          write: async (copy) => writeTable(copy, await made()),
        }),
      );
      const held = await cache.take(key);
      if (held === undefined) return undefined;
      // it stays for as long as the process, as a copy of a manifest does
      const table = await mappedTable(held.path, count, mappedBits).catch(() => undefined);
      if (table === undefined) held.release();
      return table;
    };
    const table = await find();
    if (table !== undefined) return table;
    await cache.remove(key); // it is damaged
    return find();
  };
  // what stands in the way of keeping it is no error; what the weights are at fault for comes again from made()
  const table = await kept().catch(() => undefined);
  return table ?? tableInMemory(await made());
}
