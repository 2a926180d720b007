import { MOST_WEIGHTS } from "../order/alias-table.js";
import type { Sampler } from "../order/sampler.js";
import {
  samplerOfTable,
  type WeightedSamplerOptions,
  weightedReaders,
} from "../order/weighted-sampler.js";
import { type RemoteOptions, remoteReaders } from "../remote/remote-options.js";
import {
  integer,
  type OptionReaders,
  oneOf,
  optional,
  readOptions,
  stringOf,
} from "../shared/options.js";
import { openWeightsFile, type WeightType, weightTypes } from "./weights-file.js";

/** Options of `openWeightedSampler`. */
export interface OpenWeightedSamplerOptions
  extends WeightedSamplerOptions,
    Pick<RemoteOptions, "cacheDir" | "cacheBytes"> {
  /**
   * Type of the numbers, little end first. Numbers alone do not tell whether they are of the other one: `count` does.
   * Default: what the header of NumPy's file says.
   */
  type?: WeightType;
  /** Weights that there must be: as many as the dataset has rows. Default: as many as there are. */
  count?: number;
}

const readPath = stringOf("the path of a file of weights");
const readers = {
  ...weightedReaders,
  type: optional(oneOf(weightTypes)),
  count: optional(integer(1, MOST_WEIGHTS)),
  cacheDir: remoteReaders.cacheDir,
  cacheBytes: remoteReaders.cacheBytes,
} satisfies OptionReaders<OpenWeightedSamplerOptions>;

/**
 * As weightedSampler(), of the weights in a file: an array of NumPy's `save()` (`.npy`), or numbers alone. What they are
 * drawn by is made once, with 16 bytes a weight in memory, and kept in `cacheDir`, 12 bytes a weight, where all processes
 * of a machine map it. Opening reads the file once: it is made anew where the weights are others.
 *
 * @throws {TypeError | RangeError} for misuse.
 * @throws {PixtokError} INVALID_WEIGHTS for numbers that are negative, not finite, all zero, or not as many as there should
 *   be; FILE_NOT_FOUND, NOT_A_FILE, FILE_UNREADABLE; SOURCE_CHANGED, OUT_OF_MEMORY, or a fault of the machine.
 */
export async function openWeightedSampler(
  path: string,
  options: OpenWeightedSamplerOptions = {},
): Promise<Sampler> {
  const given = readOptions("openWeightedSampler", options, readers);
  const file = await openWeightsFile(readPath("path", path), given.type, given.count);
  try {
    // the cache is only loaded when it is needed
    const { keptAliasTable } = await import("./kept-alias-table.js");
    return samplerOfTable(await keptAliasTable(file, given), given);
  } finally {
    await file.close();
  }
}
