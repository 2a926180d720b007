import { createHash } from "node:crypto";
import { join } from "node:path";
import { cleanAlphanumeric, Tokenizer } from "pixtok";
import { type CaseResult, compared, judged } from "./case-result.js";

interface TokensLine {
  tokenizer: string;
  max_length: number;
  text: string;
  cleaned_text: string | null;
  ids: number[];
}

interface PairsLine extends TokensLine {
  text_pair: string;
  type_ids: number[];
}

interface CleanLine {
  start: number;
  end: number;
  sha256: string;
}

const tokenizers = new Map<string, Promise<Tokenizer>>();

/** The tokenizer of a folder, loaded once. */
export function tokenizerOf(folder: string): Promise<Tokenizer> {
  const loading = tokenizers.get(folder) ?? Tokenizer.fromPretrained(folder);
  tokenizers.set(folder, loading);
  return loading;
}

export async function checkTokens(line: TokensLine, data: string): Promise<CaseResult> {
  const { text, cleaned_text, max_length, ids } = line;
  const name = `${line.tokenizer} ${max_length} ${JSON.stringify(text)}`;
  if (cleaned_text !== null && cleanAlphanumeric(text) !== cleaned_text) {
    return judged(`${name} cleaned`, false);
  }
  const tokenizer = await tokenizerOf(join(data, line.tokenizer));
  const { input_ids } = await tokenizer.encode(cleaned_text ?? text, {
    max_length,
    truncation: true,
  });
  return compared(name, Array.from(input_ids.data, Number), ids);
}

export async function checkPairs(line: PairsLine, data: string): Promise<CaseResult> {
  const { text, text_pair, max_length, ids, type_ids } = line;
  const tokenizer = await tokenizerOf(join(data, line.tokenizer));
  const options = { text_pair, max_length, truncation: true } as const;
  const { input_ids, token_type_ids } = await tokenizer.encode(text, options);
  const name = `${line.tokenizer} ${max_length} ${JSON.stringify([text, text_pair])}`;
  const types = compared(`${name} types`, Array.from(token_type_ids.data, Number), type_ids);
  return types.difference === 0 ? compared(name, Array.from(input_ids.data, Number), ids) : types;
}

export async function checkClean({ start, end, sha256 }: CleanLine): Promise<CaseResult> {
  const points = Array.from({ length: end - start + 1 }, (_, i) => String.fromCodePoint(start + i));
  const cleaned = points.map((point) => cleanAlphanumeric(point)).join("");
  const hash = createHash("sha256").update(cleaned).digest("hex");
  return judged(`U+${start.toString(16)} to U+${end.toString(16)}`, hash === sha256);
}
