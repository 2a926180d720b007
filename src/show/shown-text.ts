import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import type { ReadPair } from "../dataset/pair-reader.js";
import { type MarkedToken, markedTokens } from "../text/marked-tokens.js";
import { coreOfTokenizer, Tokenizer } from "../text/tokenizer.js";

/** Tokens of a text, as the model gets them. */
export interface ShownTokens {
  /** Those that are cut off included, where it is known which. */
  readonly list: readonly MarkedToken[];
  /** Tokens that the model gets, without padding. */
  readonly kept: number;
  readonly cut: number;
  readonly unknown: number;
  /** Tokens that the row is filled up with. */
  readonly padding: number;
}

/** The text of a pair. */
export interface ShownText {
  /** As it came from its source; where it cannot be read again, as it was tokenized. */
  readonly original: string;
  /** As it was tokenized, where that is not the same. */
  readonly cleaned: string | null;
  /** Null where there are none. */
  readonly tokens: ShownTokens | null;
}

/** What of a batch has its texts. */
export interface TextRows {
  readonly texts?: readonly string[] | undefined;
  readonly input_ids?: { readonly data: ArrayLike<number | bigint>; readonly dims: number[] };
  readonly attention_mask?: { readonly data: ArrayLike<number | bigint> };
}

/** Ids of a row without its padding. */
function idsOfRow({ input_ids, attention_mask }: TextRows, row: number): number[] {
  if (input_ids === undefined) return [];
  const { data, dims } = input_ids;
  const length = dims[1] ?? 0;
  const places = Array.from({ length }, (_, place) => row * length + place);
  return places
    .filter((place) => Number(attention_mask?.data[place] ?? 1) === 1)
    .map((place) => Number(data[place]));
}

/** Tokens that have ids alone, and what the user's own tokenizer decodes them to. */
function plainTokens(ids: readonly number[], tokenizer: unknown): MarkedToken[] {
  const { decode } = (tokenizer ?? {}) as { decode?: (ids: number[]) => unknown };
  const nameOf = (id: number): string => {
    try {
      const text = decode?.call(tokenizer, [id]);
      return typeof text === "string" && text !== "" ? text : `${id}`;
    } catch {
      return `${id}`;
    }
  };
  return ids.map((id) => ({ id, token: nameOf(id), kind: "own", isCut: false }));
}

const sameIds = (tokens: readonly MarkedToken[], ids: readonly number[]) => {
  const kept = tokens.filter(({ isCut }) => !isCut);
  return kept.length === ids.length && kept.every(({ id }, i) => id === ids[i]);
};

/**
 * The text of each row of a batch; null where there is none.
 *
 * @param pairs the rows' pairs, where these can be read again.
 */
export async function shownTexts(
  { text }: DatasetPipeline,
  batch: TextRows,
  pairs: readonly (ReadPair | null)[],
): Promise<(ShownText | null)[]> {
  if (text === null) return pairs.map(() => null);
  const { tokenizer, config } = text;
  const { texts } = batch;
  const isOurs = tokenizer instanceof Tokenizer && texts !== undefined;
  const marked = isOurs
    ? await markedTokens(coreOfTokenizer(tokenizer), texts, config.maxLength)
    : null;
  const length = batch.input_ids?.dims[1] ?? 0;

  const tokensOf = (row: number): ShownTokens | null => {
    if (length === 0) return null;
    const ids = idsOfRow(batch, row);
    const whole = marked?.[row];
    // what the batch has is what counts
    const list = whole !== undefined && sameIds(whole, ids) ? whole : plainTokens(ids, tokenizer);
    const cutOff = list.filter(({ isCut }) => isCut).length;
    const all = pairs[row]?.tokens?.whole ?? ids.length;
    return {
      list,
      kept: ids.length,
      cut: cutOff > 0 ? cutOff : Math.max(0, all - ids.length),
      unknown: list.filter(({ kind, isCut }) => kind === "unknown" && !isCut).length,
      padding: length - ids.length,
    };
  };
  return pairs.map((pair, row) => {
    const used = texts?.[row] ?? "";
    const original = pair?.original ?? used;
    return { original, cleaned: used === original ? null : used, tokens: tokensOf(row) };
  });
}
