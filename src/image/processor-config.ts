import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { PretrainedFiles } from "../hub/pretrained-files.js";
import { parseBoundedJson } from "../shared/bounded-json.js";
import { PixtokError } from "../shared/errors.js";
import { isMachineFault } from "../shared/machine-fault.js";
import { readRegularFile } from "../shared/regular-file.js";
import { unreadableFile } from "../shared/unreadable-file.js";
import { describe, isObject } from "../shared/validation.js";
import type {
  ImageProcessorOptions,
  PerChannel,
  ResampleFilter,
  ResizeTarget,
  Size,
} from "./image-processor-options.js";

const FILE_NAME = "preprocessor_config.json";

export const processorFiles: PretrainedFiles = {
  kind: "image processor",
  oneOf: [FILE_NAME],
  also: [],
  missing: "PROCESSOR_NOT_FOUND",
};

const OPENAI_CLIP_MEAN = [0.48145466, 0.4578275, 0.40821073];
const OPENAI_CLIP_STD = [0.26862954, 0.26130258, 0.27577711];
const HALF = [0.5, 0.5, 0.5];

const BILINEAR = 2;
const BICUBIC = 3;

/** Class attributes of transformers' image processors, for keys that a file leaves out. */
const common = { do_resize: true, do_rescale: true, rescale_factor: 1 / 255, do_normalize: true };
const clip = {
  ...common,
  resample: BICUBIC,
  size: { shortest_edge: 224 },
  default_to_square: false,
  do_center_crop: true,
  crop_size: { height: 224, width: 224 },
  image_mean: OPENAI_CLIP_MEAN,
  image_std: OPENAI_CLIP_STD,
};
const square224 = { size: { height: 224, width: 224 }, image_mean: HALF, image_std: HALF };
const classDefaults: Record<string, Readonly<Record<string, unknown>>> = {
  CLIP: clip,
  ChineseCLIP: clip,
  Bit: clip,
  Siglip: { ...common, ...square224, resample: BICUBIC, default_to_square: false },
  ViT: { ...common, ...square224, resample: BILINEAR },
  DeiT: {
    ...common,
    resample: BICUBIC,
    size: { height: 256, width: 256 },
    do_center_crop: true,
    crop_size: { height: 224, width: 224 },
    image_mean: HALF,
    image_std: HALF,
  },
  Blip: {
    ...common,
    resample: BICUBIC,
    size: { height: 384, width: 384 },
    image_mean: OPENAI_CLIP_MEAN,
    image_std: OPENAI_CLIP_STD,
  },
  ConvNext: {
    ...common,
    resample: BICUBIC,
    size: { shortest_edge: 384 },
    default_to_square: false,
    crop_pct: 224 / 256,
    image_mean: HALF,
    image_std: HALF,
  },
};

/** Keys that have no bearing on the numbers; what an image is converted to is always RGB. */
const withoutEffect = new Set([
  "image_processor_type",
  "feature_extractor_type",
  "processor_class",
  "_processor_class",
  "_valid_processor_keys",
  "do_convert_rgb",
  "return_tensors",
  "device",
  "disable_grouping",
  "auto_map",
  "transformers_version",
]);

const understood = new Set([
  "do_resize",
  "size",
  "max_size",
  "default_to_square",
  "resample",
  "do_center_crop",
  "crop_size",
  "crop_pct",
  "do_rescale",
  "rescale_factor",
  "do_normalize",
  "image_mean",
  "image_std",
  "do_pad",
  "pad_size",
  "data_format",
  "input_data_format",
]);

/** Pillow's numbers of its filters. */
const filtersByNumber: readonly ResampleFilter[] = [
  "nearest",
  "lanczos",
  "bilinear",
  "bicubic",
  "box",
  "hamming",
];

type Config = Readonly<Record<string, unknown>>;

class ConfigReader {
  readonly #config: Config;
  readonly #path: string;

  constructor(config: Config, path: string) {
    this.#config = config;
    this.#path = path;
  }

  invalid(message: string): PixtokError {
    return new PixtokError("INVALID_PROCESSOR", message, { source: this.#path });
  }

  get(key: string): unknown {
    return this.#config[key] ?? undefined;
  }

  expected(key: string, expectation: string): PixtokError {
    return this.invalid(`${key}: expected ${expectation}, got ${describe(this.get(key))}`);
  }

  flag(key: string): boolean {
    const value = this.get(key) ?? false;
    if (typeof value !== "boolean") throw this.expected(key, "true or false");
    return value;
  }

  number(key: string): number {
    const value = this.get(key);
    if (typeof value !== "number") throw this.expected(key, "a number");
    return value;
  }

  perChannel(key: string): PerChannel {
    const value = this.get(key);
    const list = typeof value === "number" ? [value, value, value] : value;
    if (!Array.isArray(list) || list.length !== 3) throw this.expected(key, "three numbers");
    return list as unknown as PerChannel;
  }
}

/** A size as height and width: an integer, [height, width] or an object. */
function frame(reader: ConfigReader, key: string): Size {
  const value = reader.get(key);
  if (typeof value === "number") return { width: value, height: value };
  if (Array.isArray(value) && value.length === 2) return { height: value[0], width: value[1] };
  if (isObject(value) && Object.keys(value).sort().join() === "height,width") {
    return { height: value.height as number, width: value.width as number };
  }
  throw reader.expected(key, "an integer, [height, width] or { height, width }");
}

function resizeTarget(reader: ConfigReader): ResizeTarget {
  const size = reader.get("size");
  const square = reader.get("default_to_square") ?? true;
  if (typeof size === "number" && square === false) {
    const longest = reader.get("max_size") as number | undefined;
    return longest === undefined
      ? { shortestEdge: size }
      : { shortestEdge: size, longestEdge: longest };
  }
  if (!isObject(size)) return frame(reader, "size");
  const { shortest_edge, longest_edge, max_height, max_width } = size as Record<string, number>;
  // keys with null are as good as missing: newer versions write them all
  const keys = Object.keys(size).filter((key) => size[key] !== null);
  switch (keys.sort().join()) {
    case "height,width":
      return { width: size.width as number, height: size.height as number };
    case "shortest_edge":
      return { shortestEdge: shortest_edge as number };
    case "longest_edge,shortest_edge":
      return { shortestEdge: shortest_edge as number, longestEdge: longest_edge as number };
    case "max_height,max_width":
      return { maxWidth: max_width as number, maxHeight: max_height as number };
    default:
      throw reader.invalid(
        `size: expected height and width, shortest_edge (with longest_edge), or max_height and max_width, got ${keys.join(", ")}`,
      );
  }
}

/** ConvNeXT: below 384 the image is resized larger and its middle taken; otherwise squeezed. */
function convNextGeometry(
  reader: ConfigReader,
): Pick<ImageProcessorOptions, "resize" | "centerCrop"> {
  const target = resizeTarget(reader);
  if (!("shortestEdge" in target)) throw reader.expected("size", "{ shortest_edge }");
  const side = target.shortestEdge;
  if (side >= 384) return { resize: { width: side, height: side } };
  return {
    resize: { shortestEdge: Math.trunc(side / reader.number("crop_pct")) },
    centerCrop: { width: side, height: side },
  };
}

function geometry(
  reader: ConfigReader,
  family: string | undefined,
): Pick<ImageProcessorOptions, "resize" | "centerCrop" | "pad"> {
  const resize = reader.flag("do_resize");
  const crop = reader.flag("do_center_crop");
  const pad = reader.flag("do_pad");
  if (pad && reader.get("pad_size") === undefined) {
    throw reader.invalid(
      "do_pad: padding to the largest image of a batch is not supported; give a pad_size",
    );
  }
  if (family === "ConvNext" && resize) {
    if (crop)
      throw reader.invalid("do_center_crop: not supported for ConvNeXT, which crops by itself");
    return { ...convNextGeometry(reader), pad: pad ? frame(reader, "pad_size") : null };
  }
  return {
    resize: resize ? resizeTarget(reader) : null,
    centerCrop: crop ? frame(reader, "crop_size") : null,
    pad: pad ? frame(reader, "pad_size") : null,
  };
}

/** "CLIP" of "CLIPImageProcessor", "CLIPImageProcessorFast", "CLIPFeatureExtractor"; or none. */
function familyOf(config: Config, reader: (message: string) => PixtokError): string | undefined {
  const name = config.image_processor_type ?? config.feature_extractor_type;
  if (name === undefined || name === null) return undefined;
  const family = /^(\w+?)(ImageProcessor(Fast|Pil)?|FeatureExtractor)$/.exec(String(name))?.[1];
  if (family !== undefined && Object.hasOwn(classDefaults, family)) return family;
  const known = Object.keys(classDefaults).map((one) => `${one}ImageProcessor`);
  throw reader(
    `image_processor_type: ${describe(name)} is not understood; expected one of ${known.join(", ")}`,
  );
}

function requireKnownKeys(config: Config, family: string | undefined, reader: ConfigReader): void {
  for (const [key, value] of Object.entries(config)) {
    if (value === null || withoutEffect.has(key)) continue;
    const known = understood.has(key) && (key !== "crop_pct" || family === "ConvNext");
    if (!known) throw reader.invalid(`${key}: this key is not understood`);
  }
  for (const key of ["data_format", "input_data_format"]) {
    const format = config[key] ?? "channels_first";
    if (format !== "channels_first" && (key === "data_format" || format !== "channels_last")) {
      throw reader.expected(key, '"channels_first"');
    }
  }
}

/** Options equal to a parsed `preprocessor_config.json`. */
export function processorOptions(file: Config, path: string): ImageProcessorOptions {
  const plain = new ConfigReader(file, path);
  const family = familyOf(file, (message) => plain.invalid(message));
  requireKnownKeys(file, family, plain);
  const given = Object.fromEntries(Object.entries(file).filter(([, value]) => value !== null));
  const defaults = family === undefined ? common : (classDefaults[family] as Config);
  const reader = new ConfigReader({ ...defaults, ...given }, path);
  const filter = filtersByNumber[reader.number("resample")];
  if (filter === undefined) throw reader.expected("resample", "one of Pillow's filters, 0 to 5");
  const normalize = reader.flag("do_normalize");
  return {
    ...geometry(reader, family),
    filter,
    convention: "huggingface",
    rescale: reader.flag("do_rescale") ? reader.number("rescale_factor") : false,
    mean: normalize ? reader.perChannel("image_mean") : null,
    std: normalize ? reader.perChannel("image_std") : null,
  };
}

/** Real ones have a kilobyte. */
const MOST_FILE_BYTES = 1 << 24;

async function readConfigText(path: string): Promise<{ file: string; text: string }> {
  const found = await stat(path).catch((cause) => {
    throw unreadableFile(path, cause);
  });
  const file = found.isDirectory() ? join(path, FILE_NAME) : path;
  try {
    return { file, text: (await readRegularFile(file, MOST_FILE_BYTES)).toString("utf8") };
  } catch (cause) {
    if (!(cause instanceof PixtokError) || isMachineFault(cause)) throw cause;
    if (cause.code === "FILE_TOO_LARGE") throw invalidProcessor(file, cause);
    throw new PixtokError("PROCESSOR_NOT_FOUND", `the folder has no readable ${FILE_NAME}`, {
      source: path,
      cause,
    });
  }
}

function invalidProcessor(file: string, cause: unknown): PixtokError {
  return new PixtokError("INVALID_PROCESSOR", (cause as Error).message, { source: file, cause });
}

/**
 * Reads a `preprocessor_config.json`, or the one of a folder, and makes what it describes.
 *
 * @throws {PixtokError} PROCESSOR_NOT_FOUND; INVALID_PROCESSOR, also where `make` refuses an option.
 */
export async function readProcessor<T>(
  path: string,
  make: (options: ImageProcessorOptions) => T,
): Promise<T> {
  const { file, text } = await readConfigText(path);
  let config: unknown;
  try {
    config = parseBoundedJson(text);
  } catch (cause) {
    throw invalidProcessor(file, new Error(`this is not JSON: ${(cause as Error).message}`));
  }
  if (!isObject(config)) throw invalidProcessor(file, new Error("expected a JSON object"));
  const options = processorOptions(config, file);
  try {
    return make(options);
  } catch (cause) {
    if (cause instanceof TypeError || cause instanceof RangeError) {
      throw invalidProcessor(file, cause);
    }
    throw cause;
  }
}
