/** The same pairs as files, in WebDataset shards, in Parquet and packed. */
import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { DataLoader, MultimodalDataset, packDataset, type Tokenizer } from "pixtok";
import { create } from "tar";
import type { Pair } from "../../contenders/contender.js";
import { fromBench } from "../../setup/paths.js";
import { PYTHON_NOT_INSTALLED } from "../../setup/python.js";
import type { Order } from "./results.js";

const MOST_SHARDS = 4;

/** Epochs in one order. */
export interface SourceWay {
  readonly order: Order;
  /** Pairs a second over whole epochs of at least so many seconds. */
  epochRate(seconds: number): Promise<number>;
}

export interface SourceSet {
  readonly name: string;
  /** Undefined where it could not be made. */
  readonly ways?: readonly SourceWay[];
  readonly unavailable?: string;
  close?(): Promise<void>;
}

/** Shards of the same number of pairs; gives the pattern of their paths. */
export async function writeShards(
  folder: string,
  pairs: readonly Pair[],
  most = MOST_SHARDS,
): Promise<string> {
  const shards = Math.min(most, pairs.length);
  for (let shard = 0; shard < shards; shard += 1) {
    const own = pairs.filter((_, i) => Math.floor((i * shards) / pairs.length) === shard);
    const cwd = join(folder, `shard-${shard}`);
    await mkdir(cwd, { recursive: true });
    for (const [i, { image, text }] of own.entries()) {
      const key = String(i).padStart(6, "0");
      await copyFile(image, join(cwd, `${key}.${extname(image).slice(1).toLowerCase()}`));
      await writeFile(join(cwd, `${key}.txt`), text);
    }
    const file = join(folder, `shard-${shard}.tar`);
    await create({ file, cwd, portable: true }, (await readdir(cwd)).sort());
    await rm(cwd, { recursive: true });
  }
  return join(folder, `shard-{0..${shards - 1}}.tar`);
}

async function writeParquet(
  folder: string,
  pairs: readonly Pair[],
  python: string,
): Promise<string> {
  const manifest = join(folder, "pairs.jsonl");
  const out = join(folder, "pairs.parquet");
  await writeFile(manifest, pairs.map((pair) => JSON.stringify(pair)).join("\n"));
  await promisify(execFile)(python, [fromBench("python/write_parquet.py"), manifest, out]);
  return out;
}

async function epochRate(loader: DataLoader, least: number): Promise<number> {
  const start = performance.now();
  let pairs = 0;
  let elapsed = 0;
  while (elapsed < least) {
    for await (const batch of loader) {
      pairs += batch.indices.length;
      batch.release();
    }
    elapsed = (performance.now() - start) / 1000;
  }
  return pairs / elapsed;
}

/** Whole batches, in order and shuffled. */
function bothOrders(dataset: MultimodalDataset, batchSize: number): SourceWay[] {
  return (["in order", "shuffled"] as const).map((order) => {
    const shuffle = order === "shuffled";
    const loader = new DataLoader(dataset, { batchSize, shuffle, dropLast: true });
    return { order, epochRate: (seconds) => epochRate(loader, seconds) };
  });
}

export function plainFiles(pairs: readonly Pair[], tokenizer: Tokenizer): MultimodalDataset {
  return new MultimodalDataset({
    imagePaths: pairs.map(({ image }) => image),
    texts: pairs.map(({ text }) => text),
    tokenizer,
  });
}

export async function makeSets(
  folder: string,
  pairs: readonly Pair[],
  tokenizer: Tokenizer,
  batchSize: number,
  python: string | undefined,
): Promise<SourceSet[]> {
  const files = plainFiles(pairs, tokenizer);
  const packed = join(folder, "packed");
  await packDataset(files, packed);
  const set = (name: string, dataset: MultimodalDataset): SourceSet => ({
    name,
    ways: bothOrders(dataset, batchSize),
  });
  const open = (source: string) => MultimodalDataset.from(source, { tokenizer });
  return [
    set("plain files", files),
    set("WebDataset", await open(await writeShards(folder, pairs))),
    python === undefined
      ? { name: "Parquet", unavailable: PYTHON_NOT_INSTALLED }
      : set("Parquet", await open(await writeParquet(folder, pairs, python))),
    set("packed set", await MultimodalDataset.from(packed)),
  ];
}
