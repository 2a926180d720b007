import type { ColumnOptions } from "../dataset/batch-columns.js";
import { type MultimodalDataset, pipelineOf } from "../dataset/dataset.js";
import type { TextOptions } from "../dataset/dataset-options.js";
import { requireTexts } from "../dataset/dataset-pipeline.js";
import { datasetTokens } from "../dataset/dataset-tokens.js";
import {
  requireIndexedDataset,
  type WalkOptions,
  walkDataset,
  walkOrder,
  walkReaders,
} from "../dataset/dataset-walk.js";
import { type OptionReaders, readOptions } from "../shared/options.js";
import { outOfRange, wrongType } from "../shared/validation.js";
import type { TokenIds } from "../text/token-rows.js";
import { coreOfTokenizer, Tokenizer } from "../text/tokenizer.js";
import { type Tfidf, type TfidfNorm, tfidfOf } from "./tfidf.js";

/** Options of `fitTfidf`. */
export interface FitTfidfOptions extends WalkOptions {
  /** Default "l2", as scikit-learn's TfidfTransformer. */
  norm?: TfidfNorm;
}

const BATCH = 256;

function readNorm(option: string, value: unknown): TfidfNorm {
  if (value === undefined) return "l2";
  if (value === "l2" || value === null) return value;
  throw (typeof value === "string" ? outOfRange : wrongType)(option, '"l2" or null', value);
}

const readers = { norm: readNorm, ...walkReaders } satisfies OptionReaders<FitTfidfOptions>;

/**
 * Counts in how many texts of a dataset each token is: the token ids that its batches have, so cleaned
 * and cut as the dataset's `text` options say. Images are not opened.
 *
 * @throws {PixtokError} where a pair cannot be read.
 * @throws {TypeError | RangeError} for options that do not exist or have no possible value.
 */
export async function fitTfidf(
  dataset: MultimodalDataset<ColumnOptions, TextOptions, Tokenizer>,
  options: FitTfidfOptions = {},
): Promise<Tfidf> {
  requireIndexedDataset(dataset);
  const { norm, ...walk } = readOptions("fitTfidf", options, readers);
  const { length } = dataset;
  const { tokenizer: given } = requireTexts(pipelineOf(dataset));
  if (!(given instanceof Tokenizer)) {
    throw wrongType("dataset", "one with a Tokenizer, which says what ids there are", given);
  }
  const tokenizer = coreOfTokenizer(given);
  const frequencies = new Uint32Array(tokenizer.idLimit());
  const lastText = new Float64Array(frequencies.length).fill(-1);
  let text = 0;
  const count = (rows: readonly TokenIds[]) => {
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
    (indices, signal) => datasetTokens(pipelineOf(dataset), indices, signal),
    count,
    walk,
  );
  const specialIds = tokenizer.specialTokenIds();
  for (const id of specialIds) frequencies[id] = 0;
  return tfidfOf(length, norm, frequencies, specialIds);
}
