import { join } from "node:path";
import { PixtokError } from "../shared/errors.js";
import { MAX_MODEL_FILE_BYTES } from "../shared/limits.js";
import { isMachineFault } from "../shared/machine-fault.js";
import { readRegularFile } from "../shared/regular-file.js";
import { isObject } from "../shared/validation.js";
import { invalidTokenizer, parseObject, type Settings } from "./tokenizer-definition.js";
import { tokenContent } from "./wordpiece-vocabulary.js";

/** Undefined where there is no such file. @throws {PixtokError} INVALID_TOKENIZER */
export async function readOptionalText(path: string): Promise<string | undefined> {
  try {
    return (await readRegularFile(path, MAX_MODEL_FILE_BYTES)).toString("utf8");
  } catch (error) {
    if (!(error instanceof PixtokError) || isMachineFault(error)) throw error;
    if (error.code === "FILE_NOT_FOUND") return undefined;
    throw invalidTokenizer(path, `the file cannot be read: ${error.message}`, error);
  }
}

async function readSettings(path: string): Promise<Settings> {
  const text = await readOptionalText(path);
  return text === undefined ? {} : parseObject(text, path);
}

/** Settings of `tokenizer_config.json`, and those that older models have in another file. */
export async function readTokenizerConfig(folder: string): Promise<Settings> {
  const config = await readSettings(join(folder, "tokenizer_config.json"));
  if ("added_tokens_decoder" in config) return config;
  return { ...config, ...(await readSettings(join(folder, "special_tokens_map.json"))) };
}

/** What a tokenizer's settings say beside its ids. */
export interface TokenizerNames {
  /** Tokens by name: `bos_token`, and those that only some models have, such as `image_token`. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Names of what it gives for a model. */
  readonly inputs: readonly string[];
}

/** Tokens that every tokenizer may have, which chat templates know by their names. */
export const standardTokens = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"].map(
  (name) => `${name}_token`,
);

/** Names of tokens and of inputs in `tokenizer_config.json`. */
export function tokenizerNames(config: Settings): TokenizerNames {
  const { extra_special_tokens: extra, model_specific_special_tokens: own } = config;
  const named = { ...config, ...objectOf(extra), ...objectOf(own) };
  const tokens: Record<string, string> = {};
  for (const [name, token] of Object.entries(named)) {
    const content = tokenContent(token);
    if (name.endsWith("_token") && content !== undefined) tokens[name] = content;
  }
  const { model_input_names: inputs } = config;
  return {
    tokens,
    inputs: Array.isArray(inputs) ? inputs.map(String) : ["input_ids", "attention_mask"],
  };
}

const objectOf = (value: unknown): Settings => (isObject(value) ? value : {});
