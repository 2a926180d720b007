import { isObject, requireInteger, requireOneOf, wrongType } from "../shared/validation.js";
import { MOST_ID, readTokenIds } from "./token-ids.js";
import type { TokenIds } from "./token-rows.js";
import type { Tokenizer } from "./tokenizer.js";

/** Ids of a text, or an object that has them. */
export type EncodedIds =
  | ArrayLike<number>
  | {
      /** Ids of a text. */
      readonly ids: ArrayLike<number>;
    };

/**
 * A tokenizer of your own. One of transformers.js, and one of `@huggingface/tokenizers`, is one as it is.
 */
export interface OwnTokenizer {
  /**
   * Ids of a text, special tokens included. A text of too many tokens is encoded again with
   * `{ add_special_tokens: false }`, to know which of them are special and are kept when the rest is cut; where that
   * makes no difference, no token is special.
   */
  encode(
    text: string,
    options?: { add_special_tokens?: boolean },
  ): EncodedIds | Promise<EncodedIds>;
  /** What rows are padded with. Default: of `@huggingface/tokenizers` that of its configuration; else `text.padTokenId`. */
  readonly pad_token_id?: number | null | undefined;
  /** The end of a row that is padded, "left" or "right". Default "right". */
  readonly padding_side?: string | undefined;
  /** The end of a text that is cut, "left" or "right". Default "right". */
  readonly truncation_side?: string | undefined;
}

/** What texts are encoded by. */
export type AnyTokenizer = Tokenizer | OwnTokenizer;

/** A text's tokens, cut. */
export interface CutTokens {
  readonly ids: TokenIds;
  /** Tokens before they were cut. */
  readonly whole: number;
}

export function isOwnTokenizer(value: unknown): value is OwnTokenizer {
  const isAny = isObject(value) || typeof value === "function";
  return isAny && typeof (value as unknown as OwnTokenizer).encode === "function";
}

function side(option: string, value: unknown): "left" | "right" {
  return requireOneOf(option, value ?? "right", ["left", "right"]);
}

export function ownPaddingSide({ padding_side }: OwnTokenizer): "left" | "right" {
  return side("tokenizer.padding_side", padding_side);
}

/**
 * Undefined where it says none.
 *
 * @throws {TypeError | RangeError}
 */
export function ownPadTokenId(tokenizer: OwnTokenizer): number | undefined {
  const { pad_token_id: own } = tokenizer;
  if (own !== undefined && own !== null) {
    return requireInteger("tokenizer.pad_token_id", own, 0, MOST_ID);
  }
  // as @huggingface/tokenizers has it
  const { config, token_to_id: idOf } = tokenizer as {
    config?: { pad_token?: string | { content?: string } };
    token_to_id?: unknown;
  };
  const pad = config?.pad_token;
  const token = typeof pad === "object" ? pad?.content : pad;
  if (typeof token !== "string" || typeof idOf !== "function") return undefined;
  const id: unknown = idOf.call(tokenizer, token);
  return typeof id === "number"
    ? requireInteger("tokenizer.token_to_id", id, 0, MOST_ID)
    : undefined;
}

async function idsOf(
  tokenizer: OwnTokenizer,
  text: string,
  options?: { add_special_tokens: boolean },
): Promise<TokenIds> {
  const given: unknown = await tokenizer.encode(text, ...(options === undefined ? [] : [options]));
  const ids = readTokenIds(isObject(given) && "ids" in given ? given.ids : given);
  if (ids !== undefined) return ids;
  throw wrongType("tokenizer.encode", "a function returning ids of tokens", given);
}

/**
 * Tokens of a text, cut to `maxLength` as a Tokenizer cuts them: special ones are kept, even where these are more.
 *
 * @throws {TypeError} where it gives no ids, and what the tokenizer throws.
 */
export async function encodeByOwn(
  tokenizer: OwnTokenizer,
  text: string,
  maxLength: number,
): Promise<CutTokens> {
  const ids = await idsOf(tokenizer, text);
  const whole = ids.length;
  if (whole <= maxLength) return { ids, whole };
  const inner = await idsOf(tokenizer, text, { add_special_tokens: false });
  const start = positionOf(inner, ids);
  const special = start === undefined ? 0 : whole - inner.length;
  const [before, end] = start === undefined ? [0, whole] : [start, start + inner.length];
  const kept = Math.max(0, maxLength - special);
  const [from, to] =
    side("tokenizer.truncation_side", tokenizer.truncation_side) === "left"
      ? [end - kept, end]
      : [before, before + kept];
  return { ids: [...ids.slice(0, before), ...ids.slice(from, to), ...ids.slice(end)], whole };
}

/** Where some ids stand in a row, one after the other; undefined where they do not. */
function positionOf(some: TokenIds, row: TokenIds): number | undefined {
  for (let start = 0; start + some.length <= row.length; start += 1) {
    if (some.every((id, i) => row[start + i] === id)) return start;
  }
  return undefined;
}
