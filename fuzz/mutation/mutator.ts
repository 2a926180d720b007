import type { Random } from "../random.js";

/**
 * A damaged copy of a file, or undefined where the file has nothing of what is to be damaged.
 *
 * @param others files of the same kind, to take parts of.
 */
export type Mutator = (
  bytes: Buffer,
  random: Random,
  others: readonly Buffer[],
) => Buffer | undefined;

export type Mutators = Readonly<Record<string, Mutator>>;
