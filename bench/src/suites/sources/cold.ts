/** Epochs of a packed set that is on the disk only: from a cold page cache, or larger than memory. */
import { readdir, rm, stat, statfs } from "node:fs/promises";
import { totalmem } from "node:os";
import { join } from "node:path";
import { packDataset, type Tokenizer } from "pixtok";
import type { Pair } from "../../contenders/contender.js";
import { ratioSpread, spreadOf } from "../../measuring/statistics.js";
import { progress, type Turn, takeTurns } from "../../measuring/turns.js";
import { diskRate, forgetFiles } from "../../programs/disk.js";
import { runEpochs } from "../../workers/epochs-process.js";
import type { ColdSet, Order } from "./results.js";
import { plainFiles } from "./sets.js";

interface ColdSettings {
  readonly pairs: readonly Pair[];
  readonly tokenizer: Tokenizer;
  readonly batchSize: number;
  readonly rounds: number;
  /** Time of reading the disk, for each number of threads. */
  readonly seconds: number;
}

const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2 ** 30;
/** Bytes of a packed pair: 3 x 224 x 224, and its text and tokens. */
const PAIR_BYTES = 3 * 224 * 224 + 500;

async function requireSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize > 1.1 * bytes) return;
  throw new Error(`the disk has no room for ${(bytes / GIBIBYTE).toFixed(1)} GiB`);
}

async function filesOf(folder: string): Promise<{ paths: string[]; bytes: number }> {
  const paths = (await readdir(folder)).map((name) => join(folder, name));
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  return { paths, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

/** As many epochs in each order as there are rounds, each from an empty cache in a new process. */
export async function measureCold(
  folder: string,
  gibibytes: number,
  { pairs: once, tokenizer, batchSize, rounds, seconds }: ColdSettings,
): Promise<ColdSet> {
  await requireSpace(folder, gibibytes * GIBIBYTE);
  const count = Math.ceil((gibibytes * GIBIBYTE) / PAIR_BYTES);
  const pairs = Array.from({ length: count }, (_, i) => once[i % once.length] as Pair);
  const packed = join(folder, "cold");
  progress(`packing ${count} pairs, ${gibibytes} GiB`);
  try {
    await packDataset(plainFiles(pairs, tokenizer), packed);
    const { paths, bytes } = await filesOf(packed);
    const disk: number[] = [];
    const epochs = (["in order", "shuffled"] as const).map((order: Order) => ({
      order,
      rounds: [] as number[],
    }));
    const turns: Turn[] = [
      {
        name: `${gibibytes} GiB, the disk alone`,
        async run() {
          disk.push((await diskRate(paths, seconds)) / MEBIBYTE);
        },
      },
      ...epochs.map(({ order, rounds: rates }) => ({
        name: `${gibibytes} GiB, ${order}`,
        async run() {
          await forgetFiles(paths);
          const { pairsPerSecond } = await runEpochs({
            data: packed,
            tokenizer: null,
            batchSize,
            shuffle: order === "shuffled",
            batchEnd: "released",
            passes: 1,
            seconds: 0,
            warmUp: false,
          });
          rates.push(pairsPerSecond);
        },
      })),
    ];
    await takeTurns(turns, rounds);
    return {
      gibibytes,
      pairs: count,
      largerThanMemory: bytes > totalmem(),
      disk: spreadOf(disk),
      epochs: epochs.map(({ order, rounds: rates }) => {
        const mebibytes = rates.map((rate) => (rate * bytes) / count / MEBIBYTE);
        return {
          order,
          rounds: rates,
          rate: spreadOf(rates),
          mebibytesPerSecond: spreadOf(mebibytes),
          ofDisk: ratioSpread(mebibytes, disk),
        };
      }),
    };
  } finally {
    await rm(packed, { recursive: true, force: true });
  }
}
