import { stat } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { type PretrainedFiles, resolvePretrained } from "../hub/pretrained-files.js";
import { PixtokError } from "../shared/errors.js";
import { describe } from "../shared/validation.js";
import {
  definitionReaders,
  invalidTokenizer,
  readTokenizerJson,
  type Settings,
} from "./tokenizer-definition.js";
import { readOptionalText, readTokenizerConfig } from "./tokenizer-settings.js";
import { tokenContent } from "./wordpiece-vocabulary.js";

type Side = "left" | "right";

/** Settings that a user gives in place of those in the files. */
export interface TokenizerOverrides {
  pad_token?: string | undefined;
  padding_side?: Side | undefined;
  truncation_side?: Side | undefined;
}

/** What a tokenizer is made from. */
export interface TokenizerFiles {
  /** Contents of a `tokenizer.json`. */
  json: string;
  /** Whether the library may have it in this process. */
  trusted: boolean;
  /** The padding token, where the files name one. */
  padToken: string | undefined;
  paddingSide: Side;
  truncationSide: Side;
  /** Tokens in a row, where a length is needed and none is asked for. */
  defaultMaxLength: number | undefined;
  /** The smallest limit that the files set to the tokens in a row, and which. */
  limit: { tokens: number; name: string } | undefined;
  /** Where it came from, for errors. */
  source: string;
}

const tokenizerFiles: PretrainedFiles = {
  kind: "tokenizer",
  oneOf: ["tokenizer.json", "vocab.txt"],
  also: ["tokenizer_config.json", "special_tokens_map.json"],
  missing: "TOKENIZER_NOT_FOUND",
};

function readSide(name: string, values: readonly unknown[], path: string): Side {
  const value = values.find((one) => one != null) ?? "right";
  // a tokenizer.json has it with a capital letter
  const side = typeof value === "string" ? value.toLowerCase() : value;
  if (side !== "left" && side !== "right") {
    throw invalidTokenizer(path, `${name}: expected "left" or "right", got ${describe(value)}`);
  }
  return side;
}

/** A limit, unless it is one of the huge numbers that stand for none. */
function readLimit(value: unknown): number | undefined {
  const isLimit =
    Number.isSafeInteger(value) && (value as number) > 0 && (value as number) < 2 ** 31;
  return isLimit ? (value as number) : undefined;
}

function readLimits(config: Settings, truncation: Settings) {
  const limits = [
    { tokens: readLimit(config.model_max_length), name: "model_max_length" },
    { tokens: readLimit(truncation.max_length), name: "truncation.max_length" },
  ].filter((limit): limit is { tokens: number; name: string } => limit.tokens !== undefined);
  return {
    defaultMaxLength: limits[0]?.tokens,
    limit: limits.sort((a, b) => a.tokens - b.tokens)[0],
  };
}

/**
 * A tokenizer without files of its own, whose settings are all given.
 *
 * @param json contents of a tokenizer.json.
 * @throws {PixtokError} INVALID_TOKENIZER
 */
export function givenTokenizer(
  json: string,
  settings: Pick<TokenizerFiles, "padToken" | "paddingSide" | "truncationSide" | "source">,
): TokenizerFiles {
  const { trusted } = readTokenizerJson(json, settings.source);
  return { json, trusted, ...settings, defaultMaxLength: undefined, limit: undefined };
}

/** The file of a tokenizer, and the folder it is in. */
async function locate(path: string): Promise<{ file: string; text: string; folder: string }> {
  const inFolder = await stat(path).then((found) => found.isDirectory());
  const candidates = inFolder ? tokenizerFiles.oneOf.map((name) => join(path, name)) : [path];
  for (const file of candidates) {
    const text =
      definitionReaders[extname(file)] === undefined ? undefined : await readOptionalText(file);
    if (text !== undefined) return { file, text, folder: inFolder ? path : dirname(path) };
  }
  throw new PixtokError(
    "TOKENIZER_NOT_FOUND",
    inFolder
      ? "the folder has neither tokenizer.json nor vocab.txt"
      : "expected a .json file (tokenizer.json) or a .txt file (vocab.txt)",
    { source: path },
  );
}

/**
 * Reads a tokenizer from a folder (`tokenizer.json`, or else `vocab.txt`), from one of these files,
 * or from the hub, with the `tokenizer_config.json` beside it.
 *
 * @throws {PixtokError} TOKENIZER_NOT_FOUND, INVALID_TOKENIZER, and those of the hub.
 */
export async function readTokenizerFiles(
  idOrPath: unknown,
  overrides: TokenizerOverrides,
  revision: unknown,
): Promise<TokenizerFiles> {
  const path = await resolvePretrained(idOrPath, tokenizerFiles, { revision });
  const { file, text, folder } = await locate(path);
  const config = await readTokenizerConfig(folder);
  const read = definitionReaders[extname(file)] as NonNullable<(typeof definitionReaders)[string]>;
  const { json, trusted, padding, truncation } = read(text, file, config);
  return {
    json,
    trusted,
    // the last as transformers.js does
    padToken: [overrides.pad_token, config.pad_token, padding.pad_token, config.eos_token]
      .map(tokenContent)
      .find((token) => token !== undefined),
    paddingSide: readSide(
      "padding_side",
      [overrides.padding_side, config.padding_side, padding.direction],
      path,
    ),
    truncationSide: readSide(
      "truncation_side",
      [overrides.truncation_side, config.truncation_side, truncation.direction],
      path,
    ),
    ...readLimits(config, truncation),
    source: path,
  };
}
