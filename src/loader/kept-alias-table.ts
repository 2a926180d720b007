import { realpath } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type AliasTable,
  aliasTableMaker,
  digestInTurns,
  type NamedArrays,
  tableInMemory,
  weightSum,
} from "../order/alias-table.js";
import { copyCache } from "../remote/copy-cache.js";
import { copyKey, pathOfCopy } from "../remote/copy-place.js";
import { fetchOnce } from "../remote/fetch-once.js";
import type { RemoteSettings } from "../remote/remote-options.js";
import { neverAborted } from "../shared/abort.js";
import {
  bytesOfTableFile,
  type MappedTable,
  mapTableFile,
  type TablePlace,
  writeTableFile,
} from "./alias-table-file.js";
import { holdTable, letGoOfOthers } from "./held-tables.js";
import { digestOfWeights, problemOfWeights, type WeightsFile } from "./weights-file.js";

/** Columns that are paired off before others have their turn: claims are to be kept alive. */
const PAIRED_AT_ONCE = 2 ** 22;

/** @throws {PixtokError} INVALID_WEIGHTS, SOURCE_CHANGED, OUT_OF_MEMORY; FILE_UNREADABLE, or a fault of the machine. */
async function makeTable(file: WeightsFile): Promise<NamedArrays> {
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
  const arrays = maker.finish();
  return { ...arrays, digest: await digestInTurns(arrays) };
}

/**
 * The table of a file's weights. One process of a machine makes it, and keeps it in the cache of copies, where others map
 * it. Where it cannot be kept, it is in memory.
 *
 * @param map maps a file of the cache. Default mapTableFile.
 * @throws {PixtokError} INVALID_WEIGHTS, SOURCE_CHANGED, OUT_OF_MEMORY; FILE_UNREADABLE, or a fault of the machine.
 */
export async function keptAliasTable(
  file: WeightsFile,
  { cacheDir, cacheBytes }: Pick<RemoteSettings, "cacheDir" | "cacheBytes">,
  map: (place: TablePlace) => Promise<MappedTable | undefined> = mapTableFile,
): Promise<AliasTable> {
  const { path, type, count } = file;
  let making: Promise<NamedArrays> | undefined;
  const made = () => {
    making ??= makeTable(file);
    return making;
  };
  const kept = async (): Promise<AliasTable | undefined> => {
    const cache = await copyCache(cacheDir);
    // neither size nor time tells weights from those that are written in their place
    const key = copyKey("alias table", type, await digestOfWeights(file));
    const ofFile = { file: await realpath(path), key };
    letGoOfOthers(ofFile);
    const find = async () => {
      await fetchOnce(cache, key, neverAborted, (signal) =>
        cache.add(key, {
          ...{ bytes: bytesOfTableFile(count), most: cacheBytes, signal },
          mostWaitMs: 0, // other tables are held for as long as somebody draws by them
          write: async (copy) => writeTableFile(copy, await made()),
        }),
      );
      const copy = await cache.take(key);
      if (copy === undefined) return undefined;
      const { release } = copy;
      const place = { path: copy.path, name: pathOfCopy(cacheDir, key), count };
      const mapped = await map(place).catch((cause) => {
        release();
        throw cause;
      });
      if (mapped !== undefined) {
        holdTable({ ...ofFile, release }, mapped.memory);
        return mapped.table;
      }
      release();
      await cache.remove(key); // it is damaged
      return undefined;
    };
    return (await find()) ?? find();
  };
  // what stands in the way of keeping it is no error; what the weights are at fault for comes again from made()
  const table = await kept().catch(() => undefined);
  return table ?? tableInMemory(await made());
}
