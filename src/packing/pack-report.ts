import type { WalkOptions } from "../dataset/dataset-walk.js";
import type { ServerOptions } from "../remote/remote-options.js";

/** Options of `verifyPack`. */
export interface VerifyPackOptions extends WalkOptions, ServerOptions {
  /**
   * Looks at the beginning and the end of each file alone: configuration, counts and sizes, and not the checksums of
   * what is between. `onProgress` then counts files. Default false.
   */
  quick?: boolean;
  /** Number of parts that the set is packed in, from 1 to 2^24: the report says which are to be packed again. Default: none are named. */
  parts?: number;
}

/** Something that is wrong with a packed set. */
export interface PackProblem {
  /** Name of the file; null where it is the set's. */
  readonly file: string | null;
  /** Rows of that file that are damaged, the first and the last; null where it is not known. */
  readonly rows: readonly [first: number, last: number] | null;
  /** What is wrong, for people to read. */
  readonly message: string;
}

/** What `verifyPack` found. */
export interface PackReport {
  /** Whether every file is there and every byte what was written. */
  readonly ok: boolean;
  /** Files of the set. */
  readonly files: number;
  /** Pairs in the set. */
  readonly pairs: number;
  /** Everything that is wrong; empty where `ok` is true. */
  readonly problems: readonly PackProblem[];
  /** With `parts`: those that have files which are missing, from 0. */
  readonly missingParts?: readonly number[];
}
