import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Tokenizer } from "tokenizers";
import type { ContenderOptions } from "./contender.js";
import { cleanText } from "./standard-preset.js";

export interface TokenRows {
  readonly input_ids: BigInt64Array;
  readonly attention_mask: BigInt64Array;
}

/** Cleaned texts to padded rows by the `tokenizers` package, as its documentation says to. */
export async function createTokenizersEncoder({
  tokenizerFolder,
  maxLength,
}: ContenderOptions): Promise<(texts: readonly string[]) => Promise<TokenRows>> {
  const tokenizer = Tokenizer.fromFile(join(tokenizerFolder, "tokenizer.json"));
  const config: { pad_token?: unknown } = JSON.parse(
    await readFile(join(tokenizerFolder, "tokenizer_config.json"), "utf8"),
  );
  const padToken = typeof config.pad_token === "string" ? config.pad_token : "[PAD]";
  tokenizer.setTruncation(maxLength);
  tokenizer.setPadding({ maxLength, padToken, padId: tokenizer.tokenToId(padToken) ?? 0 });

  return async (texts) => {
    const input_ids = new BigInt64Array(texts.length * maxLength);
    const attention_mask = new BigInt64Array(texts.length * maxLength);
    const encodings = await tokenizer.encodeBatch(texts.map(cleanText));
    for (const [row, encoding] of encodings.entries()) {
      input_ids.set(encoding.getIds().map(BigInt), row * maxLength);
      attention_mask.set(encoding.getAttentionMask().map(BigInt), row * maxLength);
    }
    return { input_ids, attention_mask };
  };
}
