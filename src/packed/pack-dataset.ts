import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { INCOMPLETE, inOneStep } from "../atomic-file.js";
import type { MultimodalDataset } from "../dataset.js";
import { inOrder, readWalkOptions, requireDataset, type WalkOptions } from "../dataset-walk.js";
import { PixtokError } from "../errors.js";
import { ImageProcessor } from "../image-processor.js";
import { contentSize } from "../image-processor-options.js";
import { packageVersion, runtimeInfo } from "../runtime.js";
import { type SampleErrors, sampleErrorLedger } from "../sample-error.js";
import type { Tokenizer } from "../tokenizer.js";
import { requireInteger, requireOneOf, requireOptions, wrongType } from "../validation.js";
import { packConfig, requireSame } from "./pack-config.js";
import { type PackConfig, shardName } from "./pack-format.js";
import { packPlan, type Task } from "./pack-plan.js";
import { shardsIn } from "./packed-source.js";
import { prepareRows } from "./prepared-rows.js";
import type { RowsToPack } from "./record-batch.js";
import { openShard } from "./shard-reader.js";
import { openShardWriter, type ShardWriter } from "./shard-writer.js";

/** Options of `packDataset`. */
export interface PackDatasetOptions extends WalkOptions {
  /** Most bytes of pictures in a file. Default 512 MiB. */
  shardBytes?: number;
  /**
   * Packs one part of the set, `index` from 0 to before `of`: parts may be packed at the same time, on any
   * machines, and together are the set. Default: all of it.
   */
  part?: {
    /** Which part, from 0. */
    index: number;
    /** Number of parts. */
    of: number;
  };
  /** What becomes of a pair that cannot be read: "skip" leaves it out. Default "throw". */
  onError?: "throw" | "skip";
  /** Threads that prepare pictures. Default: PIXTOK_THREADS, or else one a core. */
  threads?: number;
}

/** What has been packed. */
export interface PackResult {
  /** Files of the whole set. */
  readonly files: number;
  /** Files that this call has written. */
  readonly written: number;
  /** Files of its part that were there already. */
  readonly kept: number;
  /** Rows that it has written. */
  readonly pairs: number;
  /** Pairs that could not be read, with onError "skip"; those in kept files are not counted. */
  readonly errors: SampleErrors;
}

const optionNames = [
  "shardBytes",
  "part",
  "onError",
  "threads",
  "onProgress",
  "signal",
] as const satisfies (keyof PackDatasetOptions)[];

const DEFAULT_SHARD_BYTES = 512 * 2 ** 20;

function readPart(value: unknown): { index: number; of: number } {
  const given = requireOptions("part", value, ["index", "of"]);
  const of = requireInteger("part.of", given.of, 1);
  return { index: requireInteger("part.index", given.index, 0, of - 1), of };
}

/** The pictures as they are stored: everything but what is done to bytes. */
function storingProcessor({ image }: MultimodalDataset): ImageProcessor {
  contentSize("packDataset", image.config);
  const { resize, filter, centerCrop, convention, maxPixels, exifOrientation, decode } =
    image.config;
  const geometry = { resize, filter, centerCrop, convention, maxPixels, exifOrientation, decode };
  return new ImageProcessor({ ...geometry, type: "uint8", layout: "chw" });
}

function versions(): Record<string, string> {
  const { decoder, sharp } = runtimeInfo();
  const { version } = createRequire(import.meta.url)("tokenizers/package.json");
  return { pixtok: packageVersion(), [decoder.name]: decoder.version, sharp, tokenizers: version };
}

/** FILE_UNWRITABLE of whatever the system says against a file or folder. */
async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof PixtokError) throw cause;
    throw new PixtokError("FILE_UNWRITABLE", (cause as Error).message, { source: path, cause });
  }
}

/**
 * What a loader of the set needs to encode further texts and to decode ids; for Python as well.
 *
 * @param isPack whether there are files of the set already, and with them its tokenizer.
 */
async function writeTokenizer(
  folder: string,
  tokenizer: Tokenizer,
  isPack: boolean,
): Promise<void> {
  const { json, padToken, defaultMaxLength } = tokenizer.definition;
  const config = {
    tokenizer_class: "PreTrainedTokenizerFast",
    pad_token: padToken,
    padding_side: tokenizer.paddingSide,
    truncation_side: tokenizer.truncationSide,
    model_max_length: defaultMaxLength,
  };
  const files = {
    "tokenizer.json": json,
    "tokenizer_config.json": `${JSON.stringify(config, null, 2)}\n`,
  };
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    const there = await readFile(path, "utf8").catch(() => undefined);
    if (there === content || (there !== undefined && isPack)) continue;
    if (there !== undefined) {
      const message = "there is another one in this folder, which is no packed set; choose another";
      throw new PixtokError("FILE_UNWRITABLE", message, { source: path });
    }
    await writing(path, () => inOneStep(path, (temporary) => writeFile(temporary, content)));
  }
}

/**
 * Makes the folder ready for a set of this configuration.
 *
 * @returns the shards that are there already, which must be of the same set.
 */
async function openFolder(
  folder: string,
  config: PackConfig,
  shards: number,
): Promise<Set<number>> {
  await writing(folder, () => mkdir(folder, { recursive: true }));
  const found = await shardsIn(folder);
  for (const { name, shards: count } of found) {
    requireSame(folder, { files: count }, { files: shards });
    requireSame(folder, openShard(join(folder, name)).metadata.config, config);
  }
  return new Set(found.map(({ shard }) => shard));
}

/** Deletes what was never finished of these files. */
async function removeIncomplete(folder: string, names: readonly string[]): Promise<void> {
  const isIncomplete = (name: string) =>
    name.endsWith(INCOMPLETE) && names.some((finished) => name.startsWith(finished));
  const found = (await readdir(folder)).filter(isIncomplete);
  await writing(folder, () => Promise.all(found.map((name) => rm(join(folder, name)))));
}

/** @see packDataset */
export async function writePack(
  dataset: MultimodalDataset,
  folder: string,
  options: PackDatasetOptions,
): Promise<PackResult> {
  requireDataset(dataset);
  if (typeof folder !== "string") throw wrongType("folder", "the path of a folder", folder);
  const given = requireOptions("packDataset", options, optionNames);
  const { onProgress, signal } = readWalkOptions(given);
  const onError = requireOneOf("onError", given.onError ?? "throw", ["throw", "skip"]);
  const shardBytes = requireInteger("shardBytes", given.shardBytes ?? DEFAULT_SHARD_BYTES, 1);
  const part = readPart(given.part ?? { index: 0, of: 1 });
  const threads =
    given.threads === undefined ? undefined : requireInteger("threads", given.threads, 1, 1024);
  const { augmentation, source } = dataset.recipe;
  if (augmentation !== null) {
    throw wrongType("dataset", "one without augmentation, which is drawn anew later", augmentation);
  }
  if (source.pack !== undefined) throw wrongType("dataset", "one of pictures", source.description);

  const processor = storingProcessor(dataset);
  const plan = packPlan(dataset.length, processor.plan.slotBytes, shardBytes);
  const { shards } = plan;
  const config = packConfig(dataset, plan.shardPairs);
  const there = await openFolder(folder, config, shards);
  await writeTokenizer(folder, dataset.tokenizer, there.size > 0);
  const mine = plan.part(part.index, part.of);
  const missing = mine.filter((shard) => !there.has(shard));
  await removeIncomplete(
    folder,
    missing.map((shard) => shardName(shard, shards)),
  );

  const pairsIn = (list: readonly number[]) =>
    list.reduce((sum, shard) => sum + plan.pairsIn(shard), 0);
  const total = pairsIn(mine);
  let done = total - pairsIn(missing);
  if (done > 0) onProgress?.(done, total);
  let pairs = 0;
  const ledger = sampleErrorLedger();
  const preparing = { processor, several: config.text.several, onError, threads };
  const madeBy = versions();
  let writer: ShardWriter | undefined;
  // the disk takes its time to have all of a file; the next one is begun meanwhile
  let finishing: Promise<void> = Promise.resolve();
  const write = async ({ shard, last }: Task, rows: RowsToPack) => {
    writer ??= await openShardWriter(
      join(folder, shardName(shard, shards)),
      { config, shard, shards, versions: madeBy },
      plan.messagesIn(shard),
    );
    if (rows.indices.length > 0) await writer.write(rows);
    if (!last) return;
    await finishing;
    finishing = writer.finish();
    finishing.catch(() => {}); // it is waited for later
    writer = undefined;
  };
  try {
    await inOrder(
      plan.tasks(missing),
      ({ indices }) => prepareRows(dataset, indices, preparing),
      async ({ rows, errors, release }, task) => {
        await write(task, rows).finally(release);
        ledger.add(errors);
        pairs += rows.indices.length;
        done += task.indices.length;
        onProgress?.(done, total);
      },
      signal,
    );
    await finishing;
  } finally {
    await writer?.discard();
    await finishing.catch(() => {});
  }
  const written = missing.length;
  return { files: shards, written, kept: mine.length - written, pairs, errors: ledger.errors };
}
