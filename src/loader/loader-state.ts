import { PixtokError } from "../shared/errors.js";
import { describe, isObject, requireInteger, wrongType } from "../shared/validation.js";

/** Where a loader stands, as plain JSON. */
export interface LoaderState {
  /** Version of this format. */
  version: 1;
  /** Number of the epoch, from 0. */
  epoch: number;
  /** Positions of the epoch's order that have been delivered, over all ranks. */
  position: number;
  /** Has to be the same in the loader that resumes. */
  seed: number;
  /** Name and length of the order. */
  order: string;
  /** Length and fingerprint of the dataset. */
  dataset: string;
  /**
   * With sequencePacking: tells the lengths of the rows that are joined there from others. Default: it is not between sequences
   * of one window.
   */
  lengths?: string;
}

const fixed = ["version", "dataset", "seed", "order"] as const satisfies (keyof LoaderState)[];

/** What may differ between datasets of as many pairs: of the pairs, their fingerprints say no more than that they do. */
function ofDatasets(other: unknown, own: string): string {
  const count = (text: unknown) => String(text).split(",")[0];
  if (count(other) !== count(own)) return "";
  return "; there are as many pairs, and images, texts, their order or the way in which paths are written differ: absolute and relative ones, too";
}

/**
 * @param own the state of the loader that is to go on from `state`.
 * @param positions of an epoch's order.
 * @throws {TypeError | RangeError} for what is no state.
 * @throws {PixtokError} STATE_MISMATCH, naming what differs.
 */
export function requireMatchingState(
  state: unknown,
  own: LoaderState,
  positions: number,
): LoaderState {
  if (!isObject(state)) throw wrongType("state", "what loader.state() gave", state);
  for (const key of fixed) {
    if (state[key] === own[key]) continue;
    throw new PixtokError(
      "STATE_MISMATCH",
      `the state is of another run: ${key} is ${describe(state[key])}, here it is ${describe(own[key])}${key === "dataset" ? ofDatasets(state.dataset, own.dataset) : ""}`,
    );
  }
  requireInteger("state.epoch", state.epoch, 0);
  requireInteger(
    "state.position",
    state.position,
    0,
    Math.min(positions - 1, Number.MAX_SAFE_INTEGER),
  );
  if (state.lengths !== undefined && typeof state.lengths !== "string") {
    throw wrongType("state.lengths", "a string", state.lengths);
  }
  return state as unknown as LoaderState;
}
