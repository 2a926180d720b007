import { describe } from "../../shared/validation.js";
import type { ResampleFilter } from "../image-choices.js";
import type { ImageProcessorOptions } from "../image-processor-options.js";
import type { PerChannel } from "../normalization-options.js";
import type { PictureGeometry } from "../picture-geometry.js";
import { ConfigReader } from "./config-reader.js";
import type { ProcessorGeometry } from "./image-steps.js";
import { currentClassName } from "./old-keys.js";
import type { ProcessorBackend } from "./processor-backend.js";
import type { ProcessorClass } from "./processor-class.js";
import { processorClasses } from "./processor-classes.js";
import { processorGeometry } from "./processor-geometry.js";
import type { ProcessorKeys } from "./processor-keys.js";
import { whyRefused } from "./refused-classes.js";

/** What an image goes through, and what comes out beside it. */
export interface ProcessorDefinition {
  readonly options: ImageProcessorOptions;
  readonly steps: ProcessorGeometry["steps"];
  readonly padding?: ProcessorGeometry["padding"];
  readonly pictures: PictureGeometry | null;
  readonly pixelValues: ProcessorClass["pixelValues"];
  readonly outputs: ProcessorClass["outputs"];
}

/** Keys that have no bearing on the numbers. */
const withoutEffect = [
  "image_processor_type",
  "feature_extractor_type",
  "processor_class",
  "_processor_class",
  "_valid_processor_keys",
  "return_tensors",
  "device",
  "disable_grouping",
  "auto_map",
  "transformers_version",
  "image_seq_length",
  // classes that look at it do so before its keys are read
  "max_size",
];

const understood = [
  "do_convert_rgb",
  "do_resize",
  "size",
  "default_to_square",
  "resample",
  "do_center_crop",
  "crop_size",
  "do_rescale",
  "rescale_factor",
  "do_normalize",
  "image_mean",
  "image_std",
  "do_pad",
  "pad_size",
  "data_format",
  "input_data_format",
];

/** Pillow's numbers of its filters. */
const filtersByNumber: readonly ResampleFilter[] = [
  "nearest",
  "lanczos",
  "bilinear",
  "bicubic",
  "box",
  "hamming",
];

/** "CLIP" of "CLIPImageProcessor", "CLIPImageProcessorFast" and "CLIPImageProcessorPil". */
function namedClass(name: unknown, reader: ConfigReader): ProcessorClass {
  const family = /^(\w+?)ImageProcessor(Fast|Pil)?$/.exec(String(name))?.[1];
  const found = family === undefined ? undefined : classNamed(family);
  if (found !== undefined) return found;
  const why = family === undefined ? undefined : whyRefused(family);
  if (why !== undefined) {
    throw reader.invalid(`image_processor_type: ${describe(name)} is not read: ${why}`);
  }
  const known = Object.keys(processorClasses).map((one) => `${one}ImageProcessor`);
  throw reader.invalid(
    `image_processor_type: ${describe(name)} is not understood; expected one of ${known.join(", ")}`,
  );
}

function classNamed(family: string): ProcessorClass | undefined {
  return Object.hasOwn(processorClasses, family) ? processorClasses[family] : undefined;
}

/** By the class that the file names, else by the model's type. */
function classOf(
  file: ProcessorKeys,
  modelType: string | undefined,
  reader: ConfigReader,
): ProcessorClass {
  const name = file.image_processor_type ?? currentClassName(file.feature_extractor_type);
  if (name !== undefined && name !== null) return namedClass(name, reader);
  const found = Object.values(processorClasses).find(({ models }) =>
    models.includes(modelType ?? ""),
  );
  if (found !== undefined) return found;
  const model =
    modelType === undefined
      ? "no config.json beside it names a model_type"
      : `of model_type ${describe(modelType)} none is read`;
  throw reader.invalid(`image_processor_type: no class is named, and ${model}`);
}

function requireKnownKeys(
  file: ProcessorKeys,
  { defaults, ignored, only }: ProcessorClass,
  reader: ConfigReader,
): void {
  const keys = [defaults, only].flatMap((some) => Object.keys(some));
  const free = [...withoutEffect, ...understood, ...ignored, ...keys];
  for (const [key, value] of Object.entries(file)) {
    if (value !== null && !free.includes(key)) {
      throw reader.invalid(`${key}: this key is not understood`);
    }
  }
  for (const [key, value] of Object.entries(only)) {
    if ((reader.get(key) ?? value) !== value) {
      throw reader.expected(key, `${describe(value)}, all that is matched`);
    }
  }
  for (const key of ["data_format", "input_data_format"]) {
    const format = file[key] ?? "channels_first";
    if (format !== "channels_first" && (key === "data_format" || format !== "channels_last")) {
      throw reader.expected(key, '"channels_first"');
    }
  }
}

function filterOf(reader: ConfigReader, backend: ProcessorBackend): ResampleFilter {
  const filter = filtersByNumber[reader.number("resample")];
  if (filter === undefined) throw reader.expected("resample", "one of Pillow's filters, 0 to 5");
  if (backend === "torchvision" && (filter === "box" || filter === "hamming")) {
    throw reader.invalid(
      `resample: the torchvision backend has no "${filter}"; backend: "pil" has it`,
    );
  }
  return filter;
}

type Numbers = Pick<
  ImageProcessorOptions,
  "rescale" | "rescaleOffset" | "mean" | "std" | "lastStd" | "type"
>;

function numbersOf(
  reader: ConfigReader,
  backend: ProcessorBackend,
  { flipsNormalized, floatsOfBytes }: ProcessorClass,
): Numbers {
  const rescale = reader.flag("do_rescale") ? reader.number("rescale_factor") : false;
  const normalize = reader.flag("do_normalize");
  const ordered = ([first, second, third]: PerChannel): PerChannel =>
    flipsNormalized ? [third, second, first] : [first, second, third];
  const std = (needed: boolean): PerChannel | null =>
    needed ? ordered(reader.perChannel("image_std")) : null;
  const divides = reader.flag("include_top");
  const isBytes = rescale === false && !normalize;
  if (isBytes && divides && backend === "torchvision") {
    throw reader.invalid("include_top: the torchvision backend does not divide bytes");
  }
  return {
    rescale,
    rescaleOffset: rescale !== false && reader.flag("rescale_offset") ? 1 : 0,
    mean: normalize ? ordered(reader.perChannel("image_mean")) : null,
    std: std(normalize),
    lastStd: std(divides),
    type: isBytes && !divides && !floatsOfBytes.includes(backend) ? "uint8" : "float32",
  };
}

/**
 * What a configuration describes.
 *
 * @param modelType `model_type` of the model's config.json, for files that name no class.
 * @throws {PixtokError} INVALID_PROCESSOR
 */
export function processorDefinition(
  file: ProcessorKeys,
  {
    path,
    modelType,
    backend,
  }: { path: string; modelType?: string | undefined; backend: ProcessorBackend },
): ProcessorDefinition {
  const found = classOf(file, modelType, new ConfigReader(file, path));
  const keys = found.oldKeys(file);
  // null in a file is Python's None, and no default stands in for it
  const merged = { ...found.defaults, ...keys, ...found.fixed };
  const reader = new ConfigReader(merged, path);
  requireKnownKeys(keys, found, reader);
  const used = found.onlyBackend ?? backend;
  if (used === "pil" && found.pilRefused !== null) {
    throw reader.invalid(`backend: "pil" of this class is not read: ${found.pilRefused}`);
  }
  const filter = reader.flag("do_resize") ? filterOf(reader, used) : "bilinear";
  const {
    options: geometry,
    steps,
    padding = null,
    pictures = null,
  } = processorGeometry(found.geometry, reader, used);
  return {
    options: {
      ...geometry,
      filter: pictures?.filter ?? filter,
      ...(used === "torchvision"
        ? { convention: "huggingface-torchvision", resampler: "torch" }
        : { convention: "huggingface" }),
      alpha: reader.flag("do_convert_rgb") ? "white" : "drop",
      channelOrder: reader.flag("do_flip_channel_order") ? "bgr" : "rgb",
      ...numbersOf(reader, used, found),
    },
    steps,
    padding,
    pictures,
    pixelValues: found.pixelValues,
    outputs: found.outputs,
  };
}
