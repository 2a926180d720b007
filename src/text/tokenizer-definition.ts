import { parseBoundedJson } from "../shared/bounded-json.js";
import { PixtokError } from "../shared/errors.js";
import { isObject } from "../shared/validation.js";
import { isTrustedTokenizer } from "./tokenizer-trust.js";
import { parseVocabulary, wordPieceTokenizerJson } from "./wordpiece-vocabulary.js";

/** Members of a file. */
export type Settings = Record<string, unknown>;

/** What is read from `tokenizer.json`, or made of a `vocab.txt`. */
export interface TokenizerDefinition {
  json: string;
  /** Whether the library may have it in this process. */
  trusted: boolean;
  padding: Settings;
  truncation: Settings;
}

export function invalidTokenizer(path: string, message: string, cause?: unknown): PixtokError {
  return new PixtokError("INVALID_TOKENIZER", message, { source: path, cause });
}

/** @throws {PixtokError} INVALID_TOKENIZER */
export function parseObject(text: string, path: string): Settings {
  let value: unknown;
  try {
    value = parseBoundedJson(text);
  } catch (cause) {
    throw invalidTokenizer(path, `this is not JSON: ${(cause as Error).message}`, cause);
  }
  if (!isObject(value)) throw invalidTokenizer(path, "expected a JSON object");
  return value;
}

const settingsOf = (value: unknown): Settings => (isObject(value) ? value : {});

/** @throws {PixtokError} INVALID_TOKENIZER */
export function readTokenizerJson(text: string, path: string): TokenizerDefinition {
  const definition = parseObject(text, path);
  const { model, padding, truncation } = definition;
  if (!isObject(model)) {
    throw invalidTokenizer(path, 'this is no tokenizer.json: it has no "model"');
  }
  try {
    const trusted = isTrustedTokenizer(definition);
    const settings = { padding: settingsOf(padding), truncation: settingsOf(truncation) };
    return { json: text, trusted, ...settings };
  } catch (cause) {
    throw invalidTokenizer(path, `this is not read: ${(cause as Error).message}`, cause);
  }
}

/** Readers of tokenizer files by extension; `config` is that of `tokenizer_config.json`. */
export const definitionReaders: Record<
  string,
  ((text: string, path: string, config: Settings) => TokenizerDefinition) | undefined
> = {
  ".json": readTokenizerJson,
  ".txt"(text, path, config) {
    try {
      const json = wordPieceTokenizerJson(parseVocabulary(text), config);
      return { json, trusted: true, padding: { pad_token: "[PAD]" }, truncation: {} };
    } catch (cause) {
      const message = `expected a BERT WordPiece vocabulary: ${(cause as Error).message}`;
      throw invalidTokenizer(path, message, cause);
    }
  },
};
