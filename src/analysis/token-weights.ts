import { makeTensor } from "../shared/make-tensor.js";
import type { Tensor, TokenTensor } from "../shared/tensor.js";
import { outOfRange, requireResult } from "../shared/validation.js";
import { requireTfidf, type Tfidf } from "./tfidf.js";

/** A tensor of tokens, this package's or another's. */
export type TokenRows = Pick<TokenTensor, "data"> & {
  /** Shape [n, length] or [length]. */
  readonly dims: readonly number[];
};

/**
 * The weight of every token of a batch or item: how often it is in its row, times its idf, divided by
 * the row's norm; the same number wherever the token is repeated. 0 for padding and special tokens.
 * What scikit-learn's `TfidfTransformer(norm=norm)` gives for the same counts, as float32.
 *
 * @param tokens `input_ids` and `attention_mask`, of the same shape: [n, length], or [length].
 * @returns a tensor of that shape.
 * @throws {TypeError} for what is no such pair of tensors, or no result of fitTfidf() or loadTfidf().
 * @throws {RangeError} for shapes that differ, and for ids of another tokenizer's.
 */
export function tokenWeights(
  tfidf: Tfidf,
  tokens: {
    /** Token ids. */
    readonly input_ids: TokenRows;
    /** 1 for a token, 0 for padding. */
    readonly attention_mask: TokenRows;
  },
): Tensor<"float32"> {
  requireTfidf(tfidf);
  const { input_ids, attention_mask } = tokenRows(tokens);
  const { dims, data: ids } = input_ids;
  const { data: mask } = attention_mask;
  if (mask.length !== ids.length) {
    throw outOfRange("attention_mask", `the shape [${dims}] of input_ids`, attention_mask.dims);
  }
  const length = dims.at(-1) as number;
  const weights = new Float32Array(ids.length);
  const kept: { position: number; id: number }[] = [];
  for (let start = 0; start < ids.length; start += length) {
    kept.length = 0;
    for (let position = start; position < start + length; position += 1) {
      const id = Number(ids[position]);
      if (Number(mask[position]) !== 0 && idfOf(tfidf, id) > 0) kept.push({ position, id });
    }
    weighRow(tfidf, kept, weights);
  }
  return makeTensor("float32", weights, [...dims]);
}

/** @throws {TypeError} for what has no such tensors. */
function tokenRows(tokens: Parameters<typeof tokenWeights>[1]): typeof tokens {
  requireResult("tokens", tokens, "a batch or item, with input_ids and attention_mask", [
    "input_ids",
    "attention_mask",
  ]);
  for (const name of ["input_ids", "attention_mask"] as const) {
    requireResult(name, tokens[name], "a tensor with data and dims", ["data", "dims"]);
  }
  return tokens;
}

function idfOf({ idf }: Tfidf, id: number): number {
  const value = idf[id];
  if (value !== undefined) return value;
  throw outOfRange("input_ids", `ids below ${idf.length}, as those that were fitted`, id);
}

function weighRow(
  { idf, norm }: Tfidf,
  kept: readonly { position: number; id: number }[],
  weights: Float32Array,
): void {
  const tfidfs = new Map<number, number>();
  for (const { id } of kept) tfidfs.set(id, (tfidfs.get(id) ?? 0) + 1);
  let squares = 0;
  for (const [id, count] of tfidfs) {
    const value = count * (idf[id] as number);
    squares += value * value;
    tfidfs.set(id, value);
  }
  const divisor = norm === null ? 1 : Math.sqrt(squares);
  for (const { position, id } of kept) weights[position] = (tfidfs.get(id) as number) / divisor;
}
