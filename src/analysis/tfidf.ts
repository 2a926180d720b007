import { requireResult } from "../shared/validation.js";

/** "l2": the weights of a row's distinct tokens, squared, add up to 1. null: tf · idf as it is. */
export type TfidfNorm = "l2" | null;

/** How rare each token is in the texts of a dataset. */
export interface Tfidf {
  /** Number of texts. */
  readonly documents: number;
  /** What a row's weights are divided by. */
  readonly norm: TfidfNorm;
  /** In how many texts each token is, by token id. */
  readonly documentFrequencies: Uint32Array;
  /** `ln((1 + documents) / (1 + frequency)) + 1` of each token id; 0 of special tokens. */
  readonly idf: Float64Array;
  /** Tokens that have no weight: [CLS], [SEP], [PAD], [UNK] and what else the tokenizer calls so. */
  readonly specialIds: readonly number[];
}

export function tfidfOf(
  documents: number,
  norm: TfidfNorm,
  documentFrequencies: Uint32Array,
  specialIds: readonly number[],
): Tfidf {
  const idf = Float64Array.from(
    documentFrequencies,
    (frequency) => Math.log((1 + documents) / (1 + frequency)) + 1,
  );
  for (const id of specialIds) idf[id] = 0;
  return Object.freeze({ documents, norm, documentFrequencies, idf, specialIds });
}

/** @throws {TypeError} for what neither fitTfidf() nor loadTfidf() gave. */
export function requireTfidf(tfidf: Tfidf): void {
  const members = ["documents", "documentFrequencies", "idf", "specialIds"] as const;
  requireResult("tfidf", tfidf, "what fitTfidf() or loadTfidf() gave", members);
}
