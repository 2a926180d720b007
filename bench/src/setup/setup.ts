/** What every suite is run with: pairs, a tokenizer, and where Python is. */

import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { Pair } from "../contenders/contender.js";
import { publicPath } from "../reporting/public-text.js";
import type { SetupOptions } from "./options.js";
import { DRAWN_LABEL, drawPairs, readManifest } from "./pairs.js";
import { firstExisting, fromRoot } from "./paths.js";
import { installedPython } from "./python.js";

export interface Setup {
  readonly pairs: readonly Pair[];
  /** Where they are from, as it is published. */
  readonly manifest: string;
  readonly tokenizerFolder: string;
  /** An interpreter with the packages of python/requirements.txt. */
  readonly python: string | undefined;
  /** What pixtok takes by itself. */
  readonly threads: number;
}

export function defaultThreads(): number {
  return Number(process.env.PIXTOK_THREADS) || availableParallelism();
}

/** Photos and a real tokenizer where a checkout has them beside it. */
const sharedManifest = () => firstExisting([fromRoot("../shared/data/manifest.jsonl")]);
const anyTokenizer = () =>
  firstExisting([fromRoot("../shared/data/bert-base-uncased"), fromRoot("test/data/wordpiece")]);

export async function withSetup<Result>(
  options: SetupOptions,
  work: (setup: Setup) => Promise<Result>,
): Promise<Result> {
  const manifest = options.manifest ?? sharedManifest();
  const list = manifest === undefined ? await drawPairs() : await readManifest(manifest);
  try {
    const label = manifest === undefined ? DRAWN_LABEL : publicPath(manifest);
    const pairs = list.pairs.slice(0, options.pairs);
    if (pairs.length === 0) throw new Error(`no pairs in ${label}`);
    const tokenizerFolder = options.tokenizer ?? anyTokenizer();
    if (tokenizerFolder === undefined) throw new Error("no tokenizer: give one by --tokenizer");
    return await work({
      pairs,
      manifest: label,
      tokenizerFolder: resolve(tokenizerFolder),
      python: options.python ?? installedPython(),
      threads: defaultThreads(),
    });
  } finally {
    await list.dispose();
  }
}
