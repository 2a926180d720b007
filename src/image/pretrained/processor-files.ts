import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { PretrainedFiles } from "../../hub/pretrained-files.js";
import { parseBoundedJson } from "../../shared/bounded-json.js";
import { PixtokError } from "../../shared/errors.js";
import { isMachineFault } from "../../shared/machine-fault.js";
import { readRegularFile } from "../../shared/regular-file.js";
import { unreadableFile } from "../../shared/unreadable-file.js";
import { isObject } from "../../shared/validation.js";
import type { ProcessorKeys } from "./processor-keys.js";

/** Of all that a model's processors need: the image processor's keys are inside. */
const SHARED_FILE = "processor_config.json";
const OWN_FILE = "preprocessor_config.json";
const MODEL_FILE = "config.json";

export const processorFiles: PretrainedFiles = {
  kind: "image processor",
  oneOf: [OWN_FILE, SHARED_FILE],
  also: [SHARED_FILE, MODEL_FILE],
  missing: "PROCESSOR_NOT_FOUND",
};

/** Real ones have a kilobyte. */
const MOST_FILE_BYTES = 1 << 24;

/** An image processor's keys, and where they are from. */
export interface ProcessorFile {
  readonly path: string;
  readonly keys: ProcessorKeys;
  /** `model_type` of the model, where its file is beside. */
  readonly modelType: string | undefined;
}

/**
 * Reads the file of a folder, or one file.
 *
 * @throws {PixtokError} PROCESSOR_NOT_FOUND; INVALID_PROCESSOR
 */
export async function readProcessorFile(path: string): Promise<ProcessorFile> {
  const found = await stat(path).catch((cause) => {
    throw unreadableFile(path, cause);
  });
  if (!found.isDirectory()) {
    const keys = await readKeys(path);
    return { path, keys: imageProcessorIn(keys) ?? keys, modelType: undefined };
  }
  const model = await modelIn(path);
  const shared = join(path, SHARED_FILE);
  const inside = imageProcessorIn(await readKeysIfAny(shared));
  if (inside !== undefined) return withModel(shared, inside, model);
  const own = join(path, OWN_FILE);
  return withModel(own, await readKeys(own, path), model);
}

/** What a model's config.json says of its image processor. */
interface ModelFile {
  readonly type: string | undefined;
  readonly className: unknown;
}

/** The class that the model names stands in for one that the file does not name. */
function withModel(path: string, keys: ProcessorKeys, model: ModelFile): ProcessorFile {
  const isNamed = (keys.image_processor_type ?? keys.feature_extractor_type ?? null) !== null;
  const { type: modelType, className = null } = model;
  return isNamed || className === null
    ? { path, keys, modelType }
    : { path, keys: { ...keys, image_processor_type: className }, modelType };
}

function imageProcessorIn(keys: ProcessorKeys | undefined): ProcessorKeys | undefined {
  return isObject(keys?.image_processor) ? keys.image_processor : undefined;
}

async function modelIn(folder: string): Promise<ModelFile> {
  const keys = await readKeysIfAny(join(folder, MODEL_FILE));
  const type = keys?.model_type;
  return {
    type: typeof type === "string" ? type : undefined,
    className: keys?.image_processor_type ?? undefined,
  };
}

/** Undefined where there is no such file. @throws {PixtokError} INVALID_PROCESSOR */
export async function readKeysIfAny(file: string): Promise<ProcessorKeys | undefined> {
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  return isThere ? readKeys(file) : undefined;
}

async function readKeys(file: string, named = file): Promise<ProcessorKeys> {
  const text = await readText(file, named);
  let keys: unknown;
  try {
    keys = parseBoundedJson(text);
  } catch (cause) {
    throw invalidProcessor(file, new Error(`this is not JSON: ${(cause as Error).message}`));
  }
  if (!isObject(keys)) throw invalidProcessor(file, new Error("expected a JSON object"));
  return keys;
}

async function readText(file: string, named: string): Promise<string> {
  try {
    return (await readRegularFile(file, MOST_FILE_BYTES)).toString("utf8");
  } catch (cause) {
    if (!(cause instanceof PixtokError) || isMachineFault(cause)) throw cause;
    if (cause.code === "FILE_TOO_LARGE") throw invalidProcessor(file, cause);
    const message = `the folder has no readable ${OWN_FILE} or ${SHARED_FILE}`;
    throw new PixtokError("PROCESSOR_NOT_FOUND", message, { source: named, cause });
  }
}

/** What is wrong with a file, of an error that does not name it. */
export function invalidProcessor(file: string, cause: unknown): PixtokError {
  return new PixtokError("INVALID_PROCESSOR", (cause as Error).message, { source: file, cause });
}
