import type { Spread } from "../../measuring/statistics.js";
import type { Format } from "../../programs/decoders.js";
import type { ProgramFailure } from "../../programs/program-failure.js";
import type { RunRecord } from "../../reporting/run-record.js";

/** One decoder on one case, on one thread. */
export interface DecodeRecord {
  readonly decoder: string;
  readonly format: Format;
  readonly label: string;
  /** Mean size of an image. */
  readonly megapixels: number;
  /** Images a second, by round. */
  readonly rounds: readonly number[];
  readonly rate: Spread;
}

/** The loader over a set of one encoding, on all threads. */
export interface LoaderRecord {
  readonly format: Format;
  readonly label: string;
  /** Pairs a second. */
  readonly rate: Spread;
  /** Share of the time that the main thread was busy. */
  readonly eventLoop: number;
  /** Bare decoders on as many threads: images a second, and the loader's rate against theirs. */
  readonly bare: readonly {
    readonly decoder: string;
    readonly rate: Spread;
    readonly ratio: Spread;
  }[];
}

export interface MissingDecoder extends ProgramFailure {
  readonly decoder: string;
}

export interface FormatResults extends RunRecord {
  readonly settings: {
    readonly manifest: string;
    /** Photos that are encoded anew. */
    readonly images: number;
    /** Pairs in the loader's sets. */
    readonly pairs: number;
    readonly threads: number;
    readonly rounds: number;
    readonly seconds: number;
  };
  readonly decoding: readonly DecodeRecord[];
  readonly loader: readonly LoaderRecord[];
  readonly missing: readonly MissingDecoder[];
}
