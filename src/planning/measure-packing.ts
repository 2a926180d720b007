import type { AnyDataset } from "../dataset/dataset.js";
import { packDataset } from "../packing/pack.js";

/** How pairs are packed that are measured. */
export interface PackingOptions {
  readonly folder: string;
  /** Bytes of images in a file; undefined: as packDataset() has it. */
  readonly fileBytes: number | undefined;
  readonly threads: number | undefined;
}

/** What packing came to. */
export interface Packing {
  /** Pairs, those that cannot be read among them. */
  readonly pairs: number;
  /** Seconds of all: also of what a process does first, such as loading and compiling, and of what comes behind the last pair. */
  readonly seconds: number;
  /** Seconds of each pair, once packing has become as fast as it does. */
  readonly perPair: number;
}

/** How many pairs were ready, and when. */
export interface Progress {
  readonly pairs: number;
  readonly seconds: number;
}

/**
 * Seconds of a pair in the second half of the time: a process compiles what it does often, and is slower until then.
 *
 * @param progress at least one.
 */
export function secondsOfPair(progress: readonly Progress[]): number {
  const last = progress.at(-1) as Progress;
  const middle = progress.find(({ seconds }) => 2 * seconds >= last.seconds) as Progress;
  if (middle.pairs === last.pairs) return last.seconds / last.pairs;
  return (last.seconds - middle.seconds) / (last.pairs - middle.pairs);
}

/**
 * Packs a dataset. Pairs that cannot be read are left out.
 *
 * @throws {PixtokError} as packDataset().
 */
export async function measurePacking(
  dataset: AnyDataset,
  { folder, fileBytes, threads }: PackingOptions,
): Promise<Packing> {
  const progress: Progress[] = [];
  const begun = performance.now();
  const now = () => (performance.now() - begun) / 1000;
  await packDataset(dataset, folder, {
    onError: "skip",
    onProgress: (pairs) => progress.push({ pairs, seconds: now() }),
    ...(fileBytes !== undefined && { fileBytes }),
    ...(threads !== undefined && { threads }),
  });
  return { pairs: dataset.length ?? 0, seconds: now(), perPair: secondsOfPair(progress) };
}
