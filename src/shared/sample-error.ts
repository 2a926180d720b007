import type { PixtokError, PixtokErrorCode } from "./errors.js";
import { MAX_LISTED } from "./limits.js";

/** A pair that could not be read. */
export interface SampleError {
  /** Index in the dataset. */
  readonly index: number;
  /** Path of its image, or a word for what has none. */
  readonly source: string | undefined;
  /** What is wrong, as a stable name. */
  readonly code: PixtokErrorCode;
  /** What is wrong, for people to read. */
  readonly message: string;
}

/** Pairs that could not be read. */
export interface SampleErrors {
  /** How many there are. */
  readonly count: number;
  /** The first thousand of them. */
  readonly list: readonly SampleError[];
}

export function sampleError(index: number, { source, code, message }: PixtokError): SampleError {
  return { index, source, code, message };
}

/** Errors in the order in which their samples, `indices`, were asked for. */
export function sampleErrorsInOrder<E extends SampleError>(
  indices: readonly number[],
  errors: readonly E[],
): E[] {
  const places = new Map(indices.map((index, place) => [index, place]));
  const placeOf = ({ index }: E) => places.get(index) as number;
  return [...errors].sort((a, b) => placeOf(a) - placeOf(b));
}

/** Errors as they come. */
export interface SampleErrorList<E extends SampleError = SampleError> {
  /** Those that there are now. */
  readonly errors: { readonly count: number; readonly list: readonly E[] };
  add(added: readonly E[]): void;
}

export function sampleErrorList<E extends SampleError = SampleError>(): SampleErrorList<E> {
  const list: E[] = [];
  let count = 0;
  return {
    get errors() {
      return { count, list: [...list] };
    },
    add(added) {
      count += added.length;
      list.push(...added.slice(0, MAX_LISTED - list.length));
    },
  };
}
