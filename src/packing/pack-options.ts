import { type WalkOptions, walkReaders } from "../dataset/dataset-walk.js";
import { type ServerOptions, serverReaders } from "../remote/remote-options.js";
import { MAX_THREADS } from "../shared/limits.js";
import {
  asGiven,
  group,
  integer,
  type OptionReaders,
  oneOf,
  optional,
  withDefault,
} from "../shared/options.js";
import { requireBoolean, requireInteger } from "../shared/validation.js";
import { type PartOfSet, partOfEnvironment } from "./part-of-environment.js";

/** Which part of a set is packed. */
export interface PackPart {
  /**
   * Which part, from 0. "environment": the number of this task in an array of Slurm or AWS Batch, or in an indexed job
   * of Kubernetes; else its rank, as a loader's.
   */
  index: number | "environment";
  /**
   * Number of parts. Default with "environment": what the scheduler says; Kubernetes does not, nor does an array of Slurm
   * that is not one of all tasks from 0 on, as where some run again.
   */
  of?: number;
}

/** Options of `packDataset`. */
export interface PackDatasetOptions extends WalkOptions, ServerOptions {
  /**
   * Most bytes of images, those in columns included, and of numbers in columns, in a file. An image that is taken apart
   * counts 3 MiB, and a conversation is counted with one image. Default 512 MiB.
   */
  fileBytes?: number;
  /**
   * Packs one part of the set, `index` from 0 to before `of`: parts may be packed at the same time, on any
   * machines, and together are the set. Default: all of it.
   */
  part?: PackPart;
  /**
   * Appends the rows to the set that is in the folder, as a new version of it: it must be whole, and prepared in the same way. Rows that it
   * has already, of a source of the same fingerprint, are not appended again. Default false.
   */
  append?: boolean;
  /** What becomes of a pair that cannot be read: "skip" leaves it out. Default "throw". */
  onError?: "throw" | "skip";
  /**
   * How often a pair is read again that a fault of the machine (STORAGE_FAILED, OUT_OF_FILE_DESCRIPTORS,
   * OUT_OF_MEMORY) has kept from being read, after 0.25, 1, 4, … seconds. Such a pair is never left out:
   * the last fault ends the work. Default 4.
   */
  retries?: number;
  /** Threads that prepare images. Default: PIXTOK_THREADS, or else one a core. */
  threads?: number;
}

const DEFAULT_FILE_BYTES = 512 * 2 ** 20;

/** The wait before the tenth is eighteen hours. */
const MAX_RETRIES = 10;

const partOf = group({
  index: asGiven,
  of: optional(integer(1)),
} satisfies OptionReaders<PackPart>);

function readPart(option: string, value: unknown): PartOfSet {
  const { index, of } = partOf(option, value);
  if (index === "environment") return partOfEnvironment(process.env, of);
  const parts = requireInteger(`${option}.of`, of, 1);
  return { index: requireInteger(`${option}.index`, index, 0, parts - 1), of: parts };
}

export const packReaders = {
  fileBytes: withDefault(integer(1), DEFAULT_FILE_BYTES),
  part: withDefault(readPart, { index: 0, of: 1 }),
  append: withDefault(requireBoolean, false),
  onError: withDefault(oneOf(["throw", "skip"]), "throw"),
  retries: withDefault(integer(0, MAX_RETRIES), 4),
  threads: optional(integer(1, MAX_THREADS)),
  ...serverReaders,
  ...walkReaders,
} satisfies OptionReaders<PackDatasetOptions>;
