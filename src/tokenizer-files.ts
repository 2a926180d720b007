import { readFile, stat } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { PixtokError } from "./errors.js";
import { isObject } from "./validation.js";
import { parseVocabulary, wordPieceTokenizerJson } from "./wordpiece-vocabulary.js";

/** What a tokenizer is made from. */
export interface TokenizerFiles {
  /** Contents of a `tokenizer.json`, with neither truncation nor padding of its own. */
  json: string;
  /** The padding token, where the files name one. */
  padToken: string | undefined;
  paddingSide: "left" | "right";
  /** Where it came from, for errors. */
  source: string;
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new PixtokError("INVALID_TOKENIZER", `the file cannot be read: ${String(error)}`, {
      source: path,
      cause: error,
    });
  }
}

function parseObject(text: string, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new PixtokError("INVALID_TOKENIZER", `this is not JSON: ${(cause as Error).message}`, {
      source: path,
      cause,
    });
  }
  if (!isObject(value)) {
    throw new PixtokError("INVALID_TOKENIZER", "expected a JSON object", { source: path });
  }
  return value;
}

/** A token is written as a string, or as an object with its content. */
function tokenContent(token: unknown): string | undefined {
  if (typeof token === "string") return token;
  return isObject(token) && typeof token.content === "string" ? token.content : undefined;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    throw new PixtokError(
      "TOKENIZER_NOT_FOUND",
      "there is no such folder or file; expected a folder with tokenizer.json or vocab.txt, or one of these files",
      { source: path },
    );
  }
}

type Reader = (
  text: string,
  path: string,
  config: Record<string, unknown>,
) => { json: string; padToken: string | undefined };

/** Readers of tokenizer files by extension. */
const readers: Record<string, Reader | undefined> = {
  ".json"(text, path) {
    const tokenizer = parseObject(text, path);
    if (!isObject(tokenizer.model)) {
      throw new PixtokError("INVALID_TOKENIZER", 'this is no tokenizer.json: it has no "model"', {
        source: path,
      });
    }
    const { padding } = tokenizer;
    return {
      json: JSON.stringify({ ...tokenizer, truncation: null, padding: null }),
      padToken: isObject(padding) ? tokenContent(padding.pad_token) : undefined,
    };
  },
  ".txt"(text, path, config) {
    try {
      return { json: wordPieceTokenizerJson(parseVocabulary(text), config), padToken: "[PAD]" };
    } catch (cause) {
      throw new PixtokError(
        "INVALID_TOKENIZER",
        `expected a BERT WordPiece vocabulary: ${(cause as Error).message}`,
        { source: path, cause },
      );
    }
  },
};

/**
 * Reads a tokenizer from a folder (`tokenizer.json`, or else `vocab.txt`) or from one of these
 * files, with the `tokenizer_config.json` beside it.
 *
 * @throws {PixtokError} TOKENIZER_NOT_FOUND, INVALID_TOKENIZER
 */
export async function readTokenizerFiles(path: string): Promise<TokenizerFiles> {
  const inFolder = await isFolder(path);
  const folder = inFolder ? path : dirname(path);
  const configPath = join(folder, "tokenizer_config.json");
  const configText = await readOptional(configPath);
  const config = configText === undefined ? {} : parseObject(configText, configPath);
  const paddingSide = config.padding_side === "left" ? "left" : "right";

  for (const file of inFolder ? [join(path, "tokenizer.json"), join(path, "vocab.txt")] : [path]) {
    const read = readers[extname(file)];
    const text = read === undefined ? undefined : await readOptional(file);
    if (read === undefined || text === undefined) continue;
    const { json, padToken } = read(text, file, config);
    return {
      json,
      padToken: tokenContent(config.pad_token) ?? padToken,
      paddingSide,
      source: path,
    };
  }
  throw new PixtokError(
    "TOKENIZER_NOT_FOUND",
    inFolder
      ? "the folder has neither tokenizer.json nor vocab.txt"
      : "expected a .json file (tokenizer.json) or a .txt file (vocab.txt)",
    { source: path },
  );
}
