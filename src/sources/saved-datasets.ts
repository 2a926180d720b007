import { basename, extname, join } from "node:path";
import { parseBoundedJson } from "../shared/bounded-json.js";
import { PixtokError } from "../shared/errors.js";
import { readRegularFile } from "../shared/regular-file.js";
import { isObject } from "../shared/validation.js";
import { splitOf } from "./files-of-split.js";
import { unknownSource } from "./found-source.js";

/** Far more than names of files come to. */
const MOST_STATE_BYTES = 2 ** 26;

const isArrow = (name: string) => name.endsWith(".arrow") && !/^(cache|tmp)/.test(name);

/** Whether `Dataset.save_to_disk()` of Hugging Face, or its cache, wrote a folder of these names. */
export function isSavedDataset(names: readonly string[]): boolean {
  const ofDatasets = names.includes("state.json") || names.includes("dataset_info.json");
  return ofDatasets && names.some(isArrow);
}

/** Whether it is a folder of splits that `DatasetDict.save_to_disk()` wrote. */
export function isSavedDictionary(names: readonly string[]): boolean {
  return names.includes("dataset_dict.json");
}

/**
 * The Arrow files of a saved dataset, in their order.
 *
 * @throws {PixtokError} UNKNOWN_SOURCE where one is missing, or they are of several splits.
 */
export async function savedArrowFiles(folder: string, names: readonly string[]): Promise<string[]> {
  const files = names.includes("state.json")
    ? await filesInState(join(folder, "state.json"))
    : names.filter(isArrow).sort();
  const missing = files.find((name) => !names.includes(name));
  if (missing !== undefined) {
    throw unknownSource(folder, `${JSON.stringify(missing)} is missing, which state.json names`);
  }
  const splits = new Set(files.map((name) => splitOf(name) ?? basename(name, extname(name))));
  const paths = files.map((name) => join(folder, name));
  if (splits.size === 1) return paths;
  throw unknownSource(
    folder,
    `there are several splits (${[...splits].join(", ")}); expected the files of one, such as ${paths[0]}`,
  );
}

async function filesInState(path: string): Promise<string[]> {
  const text = await readRegularFile(path, MOST_STATE_BYTES);
  try {
    const parsed: unknown = parseBoundedJson(text.toString("utf8"));
    const state = isObject(parsed) ? parsed : {};
    const files = state._data_files;
    if (!Array.isArray(files) || files.length === 0) throw new TypeError("it names no files");
    // as older versions of datasets saved what had been shuffled or selected
    if (Array.isArray(state._indices_data_files) && state._indices_data_files.length > 0) {
      throw new TypeError(
        "which rows it has is in a file of its own; write it with a newer version of datasets",
      );
    }
    return files.map((file) => {
      if (isObject(file) && typeof file.filename === "string") return basename(file.filename);
      throw new TypeError("it names no files");
    });
  } catch (cause) {
    const message = `this is no state of a saved dataset: ${(cause as Error).message}`;
    throw new PixtokError("UNKNOWN_SOURCE", message, { source: path, cause });
  }
}
