import { parseBoundedJson } from "../shared/bounded-json.js";
import { PixtokError } from "../shared/errors.js";
import { MAX_MODEL_FILE_BYTES } from "../shared/limits.js";
import { readRegularFile } from "../shared/regular-file.js";
import { saveFile } from "../shared/save-file.js";
import { isObject, requireString } from "../shared/validation.js";
import { requireTfidf, type Tfidf, tfidfOf } from "./tfidf.js";

const FORMAT = "pixtok tf-idf 1";

/**
 * Writes what was fitted as JSON, to be read by loadTfidf(): the counts, from which the idf follows.
 *
 * @throws {TypeError} for what neither fitTfidf() nor loadTfidf() gave.
 * @throws {PixtokError} FILE_UNWRITABLE, or a fault of the machine.
 */
export async function saveTfidf(tfidf: Tfidf, path: string): Promise<void> {
  requireTfidf(tfidf);
  requireString("path", path, "the path of a file");
  const { documents, norm, documentFrequencies, specialIds } = tfidf;
  const used = [...documentFrequencies.entries()].filter(([, frequency]) => frequency > 0);
  const json = JSON.stringify({
    format: FORMAT,
    documents,
    norm,
    vocabulary: documentFrequencies.length,
    specialIds,
    documentFrequencies: Object.fromEntries(used),
  });
  await saveFile(path, `${json}\n`);
}

/**
 * @throws {PixtokError} FILE_NOT_FOUND, NOT_A_FILE, FILE_UNREADABLE, FILE_TOO_LARGE, INVALID_TFIDF, or a
 *   fault of the machine.
 */
export async function loadTfidf(path: string): Promise<Tfidf> {
  requireString("path", path, "the path of a file");
  const text = (await readRegularFile(path, MAX_MODEL_FILE_BYTES)).toString("utf8");
  try {
    return parseTfidf(parseBoundedJson(text));
  } catch (cause) {
    const { message } = cause as Error;
    throw new PixtokError("INVALID_TFIDF", message, { source: path, cause });
  }
}

const MOST_IDS = 2 ** 28;

/** @throws {Error} saying what is wrong. */
function parseTfidf(value: unknown): Tfidf {
  if (!isObject(value) || value.format !== FORMAT) {
    throw new Error(`expected a file that saveTfidf() wrote, with "format": "${FORMAT}"`);
  }
  const integer = (name: string, number: unknown, least: number, most: number): number => {
    if (Number.isInteger(number) && least <= Number(number) && Number(number) <= most) {
      return number as number;
    }
    throw new Error(`${name}: expected an integer from ${least} to ${most}`);
  };
  const documents = integer("documents", value.documents, 1, 2 ** 32 - 1);
  const vocabulary = integer("vocabulary", value.vocabulary, 1, MOST_IDS);
  const { norm, specialIds, documentFrequencies } = value;
  if (norm !== "l2" && norm !== null) throw new Error('norm: expected "l2" or null');
  if (!Array.isArray(specialIds)) throw new Error("specialIds: expected an array");
  if (!isObject(documentFrequencies)) throw new Error("documentFrequencies: expected an object");
  const frequencies = new Uint32Array(vocabulary);
  for (const [key, frequency] of Object.entries(documentFrequencies)) {
    const id = integer("documentFrequencies", Number(key), 0, vocabulary - 1);
    frequencies[id] = integer(`documentFrequencies[${id}]`, frequency, 1, documents);
  }
  const special = specialIds.map((id) => integer("specialIds", id, 0, vocabulary - 1));
  return tfidfOf(documents, norm, frequencies, special);
}
