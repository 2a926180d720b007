import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import type { ReadPair } from "../dataset/pair-reader.js";
import { type MarkedToken, markedTokens } from "../text/marked-tokens.js";
import { coreOfTokenizer, Tokenizer } from "../text/tokenizer.js";
import type { TokenizerCore } from "../text/tokenizer-core.js";
import {
  type BatchToken,
  conversationTokens,
  placesOfRow,
  type TokenRows,
} from "./conversation-tokens.js";

/** Tokens of a text, as the model gets them. */
export interface ShownTokens {
  /** Those that are cut off included, where it is known which. */
  readonly list: readonly ShownToken[];
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
export interface TextRows extends TokenRows {
  readonly texts?: readonly string[] | undefined;
}

/** Ids of a row without its padding. */
const idsOfRow = (batch: TextRows, row: number): number[] =>
  placesOfRow(batch, row).map((place) => Number(batch.input_ids?.data[place]));

/** A token that is shown, and what the batch says of it. */
export type ShownToken = MarkedToken & Partial<Omit<BatchToken, "id">>;

/** Tokens of a row of conversations: special ones are those that the vocabulary has in no text. */
async function tokensOfConversation(
  batch: TextRows,
  row: number,
  core: TokenizerCore,
): Promise<ShownToken[]> {
  const tokens = conversationTokens(batch, row);
  const ids = [...new Set(tokens.map(({ id }) => id))];
  const decoded = await Promise.all(ids.map((id) => core.decode([id], true)));
  const special = new Set(ids.filter((_, at) => decoded[at] === ""));
  return tokens.map((token) => ({
    ...token,
    token: core.idToToken(token.id) ?? `${token.id}`,
    kind: special.has(token.id) ? "special" : "own",
    isCut: false,
  }));
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
  { text, chat }: DatasetPipeline,
  batch: TextRows,
  pairs: readonly (ReadPair | null)[],
): Promise<(ShownText | null)[]> {
  if (text === null) return pairs.map(() => null);
  const { tokenizer, config } = text;
  const { texts } = batch;
  const isOurs = chat === undefined && tokenizer instanceof Tokenizer && texts !== undefined;
  const marked = isOurs
    ? await markedTokens(coreOfTokenizer(tokenizer), texts, config.maxLength)
    : null;
  const length = batch.input_ids?.dims[1] ?? 0;

  const tokensOf = async (row: number): Promise<ShownTokens | null> => {
    if (length === 0) return null;
    const ids = idsOfRow(batch, row);
    if (chat !== undefined && tokenizer instanceof Tokenizer) {
      const list = await tokensOfConversation(batch, row, coreOfTokenizer(tokenizer));
      // of a sequence, padding is no row's
      const padding = batch.sequences === undefined ? length - ids.length : 0;
      return { list, kept: ids.length, cut: 0, unknown: 0, padding };
    }
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
  const shown = pairs.map(async (pair, row): Promise<ShownText> => {
    const used = texts?.[row] ?? "";
    const original = pair?.original ?? used;
    const cleaned = used === original ? null : used;
    return { original, cleaned, tokens: await tokensOf(row) };
  });
  return Promise.all(shown);
}
