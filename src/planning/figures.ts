import type { Growth } from "./growth.js";

/** What is known of pairs as they are stored. Null is what has not been measured. */
export interface SetFigures {
  /** Bytes that are read for a pair: of its files, shared out among the pairs in them. */
  readonly pairBytes: number;
  /** Pairs of a file, or another part, that is read as a whole; null: each image is a file. */
  readonly blockPairs: number | null;
  /** Seconds until a set is open, for the first time. */
  readonly opening: Growth | null;
  /** The same, once it has been open on this machine. */
  readonly openingAgain: Growth | null;
  /** Bytes of memory that a process has at most while it reads batches, without files that are mapped. */
  readonly memory: Growth | null;
  /** Pairs a second that a machine reads. */
  readonly readRate: number | null;
}

/** What is known of pairs once they are packed. */
export interface PackedFigures extends SetFigures {
  /** Seconds that a process packs. */
  readonly packing: Growth & { readonly perPair: number };
}

/** What a plan is made from. */
export interface PlanFigures {
  readonly asItIs: SetFigures;
  /** Of the same pairs, packed; null where they are packed already, or nothing was measured. */
  readonly packed: PackedFigures | null;
}

/** Who is to read the set. */
export interface Fleet {
  /** Processes that share an epoch. */
  readonly ranks: number;
  /** Machines, each with as many of the ranks. */
  readonly nodes: number;
  /** Bytes a second that each machine gets from where the set is; null: not known. */
  readonly bandwidth: number | null;
  /** Pairs in a batch of a rank. */
  readonly batchSize: number;
  /** Order of an epoch: "blocks", or of all rows: "full". */
  readonly shuffle: "blocks" | "full";
  /** Blocks that are mixed, with shuffle "blocks". */
  readonly window: number;
}
