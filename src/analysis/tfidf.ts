import { readFile, writeFile } from "node:fs/promises";
import { type MultimodalDataset, pipelineOf } from "../dataset/dataset.js";
import { encodeTexts } from "../dataset/dataset-tokens.js";
import {
  requireDataset,
  type WalkOptions,
  walkDataset,
  walkOrder,
  walkReaders,
} from "../dataset/dataset-walk.js";
import { parseBoundedJson } from "../shared/bounded-json.js";
import { PixtokError } from "../shared/errors.js";
import { type OptionReaders, readOptions } from "../shared/options.js";
import type { Tensor, TokenTensor } from "../shared/tensor.js";
import { isObject, outOfRange, wrongType } from "../shared/validation.js";

/** "l2": the weights of a row's distinct tokens, squared, add up to 1. null: tf · idf as it is. */
export type TfidfNorm = "l2" | null;

/** Options of `fitTfidf`. */
export interface FitTfidfOptions extends WalkOptions {
  /** Default "l2", as scikit-learn's TfidfTransformer. */
  norm?: TfidfNorm;
}

/** How rare each token is in the texts of a dataset. */
export interface Tfidf {
  /** Number of texts. */
  readonly documents: number;
  /** What a row's weights are divided by. */
  readonly norm: TfidfNorm;
  /** Of each token id: in how many texts it is. */
  readonly documentFrequencies: Uint32Array;
  /** Of each token id: `ln((1 + documents) / (1 + frequency)) + 1`; 0 of special tokens. */
  readonly idf: Float64Array;
  /** Tokens that have no weight: [CLS], [SEP], [PAD], [UNK] and what else the tokenizer calls so. */
  readonly specialIds: readonly number[];
}

const BATCH = 256;

function readNorm(option: string, value: unknown): TfidfNorm {
  if (value === undefined) return "l2";
  if (value === "l2" || value === null) return value;
  throw (typeof value === "string" ? outOfRange : wrongType)(option, '"l2" or null', value);
}

const readers = { norm: readNorm, ...walkReaders } satisfies OptionReaders<FitTfidfOptions>;

function tfidfOf(
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

/**
 * Counts in how many texts of a dataset each token is: the token ids that its batches have, so cleaned
 * and cut as the dataset's `text` options say. Images are not opened.
 *
 * @throws {PixtokError} where a pair cannot be read.
 * @throws {TypeError | RangeError} for options that do not exist or have no possible value.
 */
export async function fitTfidf(
  dataset: MultimodalDataset,
  options: FitTfidfOptions = {},
): Promise<Tfidf> {
  requireDataset(dataset);
  const { norm, ...walk } = readOptions("fitTfidf", options, readers);
  const { tokenizer, length } = dataset;
  const frequencies = new Uint32Array(tokenizer.idLimit);
  const lastText = new Float64Array(frequencies.length).fill(-1);
  let text = 0;
  const count = (rows: readonly (readonly number[])[]) => {
    for (const ids of rows) {
      for (const id of ids) {
        if (lastText[id] === text) continue;
        lastText[id] = text;
        frequencies[id] = (frequencies[id] as number) + 1;
      }
      text += 1;
    }
  };
  const order = walkOrder(length);
  await walkDataset(
    order,
    BATCH,
    (indices, signal) => encodeTexts(pipelineOf(dataset), indices, signal),
    count,
    walk,
  );
  const specialIds = tokenizer.specialTokenIds;
  for (const id of specialIds) frequencies[id] = 0;
  return tfidfOf(length, norm, frequencies, specialIds);
}

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
  const { input_ids, attention_mask } = tokens;
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
  return { type: "float32", data: weights, dims: [...dims] };
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

const FORMAT = "pixtok tf-idf 1";

/**
 * Writes what was fitted as JSON, to be read by loadTfidf(): the counts, from which the idf follows.
 *
 * @throws {PixtokError} FILE_UNWRITABLE
 */
export async function saveTfidf(tfidf: Tfidf, path: string): Promise<void> {
  const { documents, norm, documentFrequencies, specialIds } = tfidf;
  const used = [...documentFrequencies.entries()].filter(([, frequency]) => frequency > 0);
  const json = JSON.stringify({
    format: FORMAT,
    documents,
    norm,
    vocabulary: documentFrequencies.length,
    specialIds,
    documentFrequencies: Object.fromEntries(used),
  });
  try {
    await writeFile(path, `${json}\n`);
  } catch (cause) {
    const { message } = cause as Error;
    throw new PixtokError("FILE_UNWRITABLE", message, { source: path, cause });
  }
}

/** @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE, INVALID_TFIDF */
export async function loadTfidf(path: string): Promise<Tfidf> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const missing = code === "ENOENT" || code === "ENOTDIR";
    throw new PixtokError(missing ? "FILE_NOT_FOUND" : "FILE_UNREADABLE", message, {
      source: path,
      cause,
    });
  }
  try {
    return parseTfidf(parseBoundedJson(text));
  } catch (cause) {
    const { message } = cause as Error;
    throw new PixtokError("INVALID_TFIDF", message, { source: path, cause });
  }
}

const MOST_IDS = 2 ** 28;

/** @throws {Error} saying what is wrong. */
function parseTfidf(value: unknown): Tfidf {
  if (!isObject(value) || value.format !== FORMAT) {
    throw new Error(`expected a file that saveTfidf() wrote, with "format": "${FORMAT}"`);
  }
  const integer = (name: string, number: unknown, least: number, most: number): number => {
    if (Number.isInteger(number) && least <= Number(number) && Number(number) <= most) {
      return number as number;
    }
    throw new Error(`${name}: expected an integer from ${least} to ${most}`);
  };
  const documents = integer("documents", value.documents, 1, 2 ** 32 - 1);
  const vocabulary = integer("vocabulary", value.vocabulary, 1, MOST_IDS);
  const { norm, specialIds, documentFrequencies } = value;
  if (norm !== "l2" && norm !== null) throw new Error('norm: expected "l2" or null');
  if (!Array.isArray(specialIds)) throw new Error("specialIds: expected an array");
  if (!isObject(documentFrequencies)) throw new Error("documentFrequencies: expected an object");
  const frequencies = new Uint32Array(vocabulary);
  for (const [key, frequency] of Object.entries(documentFrequencies)) {
    const id = integer("documentFrequencies", Number(key), 0, vocabulary - 1);
    frequencies[id] = integer(`documentFrequencies[${id}]`, frequency, 1, documents);
  }
  const special = specialIds.map((id) => integer("specialIds", id, 0, vocabulary - 1));
  return tfidfOf(documents, norm, frequencies, special);
}
