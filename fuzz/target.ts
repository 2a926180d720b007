import type { Mutators } from "./mutation/mutator.js";

/** Files of a case, by their paths below its folder. */
export type CaseFiles = ReadonlyMap<string, Buffer>;

/** Files that are whole, to be damaged. */
export interface Seed {
  readonly name: string;
  readonly files: CaseFiles;
}

export const targetNames = [
  "images",
  "webdataset",
  "parquet",
  "packed",
  "manifest",
  "coco",
  "tokenizer",
  "processor",
  "hub",
] as const;

export type TargetName = (typeof targetNames)[number];

export interface Target {
  readonly name: TargetName;
  /** Its part of the time, relative to the others'. */
  readonly share: number;
  readonly seeds: () => Promise<readonly Seed[]>;
  /** Whether a file of a seed is one to be damaged. */
  readonly isDamaged: (path: string) => boolean;
  readonly mutatorsOf: (path: string) => Mutators;
}
