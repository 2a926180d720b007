import { isObject } from "../shared/validation.js";

/** Tokens that stand for no part of a text. */
export interface SpecialTokens {
  /** Ids of the added tokens that a `tokenizer.json` calls special. */
  readonly ids: readonly number[];
  /** What is put for a part of a text that the vocabulary does not have: a token or its id. */
  readonly unknown: string | number | undefined;
}

/** Precondition: `json` is a `tokenizer.json` that the Rust library takes. */
export function readSpecialTokens(json: string): SpecialTokens {
  const { added_tokens, model } = JSON.parse(json) as Record<string, unknown>;
  const tokens = Array.isArray(added_tokens) ? added_tokens.filter(isObject) : [];
  const { unk_token, unk_id } = isObject(model) ? model : {};
  const unknown = [unk_token, unk_id].find((value) => value != null);
  return {
    ids: tokens.filter(({ special }) => special === true).map(({ id }) => id as number),
    unknown: typeof unknown === "string" || typeof unknown === "number" ? unknown : undefined,
  };
}
