/** The same pairs as files, in WebDataset shards, in Parquet and packed. */
import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { MultimodalDataset, packDataset, type Tokenizer } from "pixtok";
import { create } from "tar";
import type { Pair } from "./contender.js";
import { PYTHON_NOT_INSTALLED } from "./python-interpreter.js";

const SHARDS = 4;

export interface SourceSet {
  readonly name: string;
  /** Undefined where it could not be made. */
  readonly dataset?: MultimodalDataset;
  readonly unavailable?: string;
}

async function writeShards(folder: string, pairs: readonly Pair[]): Promise<string> {
  for (let shard = 0; shard < SHARDS; shard += 1) {
    const own = pairs.filter((_, i) => Math.floor((i * SHARDS) / pairs.length) === shard);
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
  return join(folder, `shard-{0..${SHARDS - 1}}.tar`);
}

async function writeParquet(
  folder: string,
  pairs: readonly Pair[],
  python: string,
): Promise<string> {
  const manifest = join(folder, "pairs.jsonl");
  const out = join(folder, "pairs.parquet");
  await writeFile(manifest, pairs.map((pair) => JSON.stringify(pair)).join("\n"));
  await promisify(execFile)(python, ["bench/python/write_parquet.py", manifest, out]);
  return out;
}

export async function makeSets(
  pairs: readonly Pair[],
  tokenizer: Tokenizer,
  python: string | undefined,
): Promise<{ sets: SourceSet[]; dispose(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), "pixtok-bench-sources-"));
  const files = new MultimodalDataset({
    imagePaths: pairs.map(({ image }) => image),
    texts: pairs.map(({ text }) => text),
    tokenizer,
  });
  const packed = join(folder, "packed");
  await packDataset(files, packed);
  const sets: SourceSet[] = [
    { name: "plain files", dataset: files },
    {
      name: "WebDataset",
      dataset: await MultimodalDataset.from(await writeShards(folder, pairs), { tokenizer }),
    },
    python === undefined
      ? { name: "Parquet", unavailable: PYTHON_NOT_INSTALLED }
      : {
          name: "Parquet",
          dataset: await MultimodalDataset.from(await writeParquet(folder, pairs, python), {
            tokenizer,
          }),
        },
    { name: "packed set", dataset: await MultimodalDataset.from(packed) },
  ];
  return { sets, dispose: () => rm(folder, { recursive: true, force: true }) };
}
