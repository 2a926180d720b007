import { describe } from "../../shared/validation.js";
import type {
  ImageProcessorOptions,
  PerChannel,
  ResampleFilter,
} from "../image-processor-options.js";
import { ConfigReader } from "./config-reader.js";
import {
  commonDefaults,
  type ProcessorClass,
  type ProcessorKeys,
  processorClasses,
} from "./processor-classes.js";
import { type ProcessorGeometry, processorGeometry } from "./processor-geometry.js";

/** Which of the two implementations of transformers 5 is followed. */
export type ProcessorBackend = "torchvision" | "pil";

export const backends = ["torchvision", "pil"] as const satisfies ProcessorBackend[];

/** What an image goes through, and what comes out beside it. */
export interface ProcessorDefinition {
  readonly options: ImageProcessorOptions;
  readonly steps: ProcessorGeometry["steps"];
  readonly padding?: ProcessorGeometry["padding"];
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
];

const understood = [
  "do_convert_rgb",
  "do_resize",
  "size",
  "max_size",
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

const generic: ProcessorClass = {
  models: [],
  defaults: commonDefaults,
  geometry: "plain",
  hasPil: true,
  ignored: [],
  only: {},
  fixed: {},
  outputs: {},
};

/** "CLIP" of "CLIPImageProcessor", "CLIPImageProcessorFast", "CLIPFeatureExtractor". */
function namedClass(name: unknown, reader: ConfigReader): ProcessorClass {
  const family = /^(\w+?)(ImageProcessor(Fast|Pil)?|FeatureExtractor)$/.exec(String(name))?.[1];
  const found = family === undefined ? undefined : classNamed(family);
  if (found !== undefined) return found;
  const known = Object.keys(processorClasses).map((one) => `${one}ImageProcessor`);
  throw reader.invalid(
    `image_processor_type: ${describe(name)} is not understood; expected one of ${known.join(", ")}`,
  );
}

function classNamed(family: string): ProcessorClass | undefined {
  return Object.hasOwn(processorClasses, family) ? processorClasses[family] : undefined;
}

/** By the class that the file names, else by the model's type; else any, with the keys alone. */
function classOf(
  file: ProcessorKeys,
  modelType: string | undefined,
  reader: ConfigReader,
): ProcessorClass {
  const name = file.image_processor_type ?? file.feature_extractor_type;
  if (name !== undefined && name !== null) return namedClass(name, reader);
  const found = Object.values(processorClasses).find(({ models }) =>
    models.includes(modelType ?? ""),
  );
  return found ?? generic;
}

function requireKnownKeys(
  file: ProcessorKeys,
  { defaults, ignored, only }: ProcessorClass,
  reader: ConfigReader,
): void {
  const free = [...withoutEffect, ...understood, ...ignored, ...Object.keys(defaults)];
  for (const [key, value] of Object.entries(file)) {
    if (value === null) continue;
    if (Object.hasOwn(only, key)) {
      if (value !== only[key])
        throw reader.expected(key, `${describe(only[key])}, all that is matched`);
    } else if (!free.includes(key)) {
      throw reader.invalid(`${key}: this key is not understood`);
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

function numbersOf(
  reader: ConfigReader,
): Pick<ImageProcessorOptions, "rescale" | "rescaleOffset" | "mean" | "std" | "lastStd"> {
  const rescale = reader.flag("do_rescale") ? reader.number("rescale_factor") : false;
  const normalize = reader.flag("do_normalize");
  const std = (needed: boolean): PerChannel | null =>
    needed ? reader.perChannel("image_std") : null;
  return {
    rescale,
    rescaleOffset: rescale !== false && reader.flag("rescale_offset") ? 1 : 0,
    mean: normalize ? reader.perChannel("image_mean") : null,
    std: std(normalize),
    lastStd: std(reader.flag("include_top")),
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
  const plain = new ConfigReader(file, path);
  const found = classOf(file, modelType, plain);
  requireKnownKeys(file, found, plain);
  const given = Object.fromEntries(Object.entries(file).filter(([, value]) => value !== null));
  const reader = new ConfigReader({ ...found.defaults, ...given, ...found.fixed }, path);
  const used = found.hasPil ? backend : "torchvision";
  const filter = filterOf(reader, used);
  const { options: geometry, steps, padding = null } = processorGeometry(found.geometry, reader);
  return {
    options: {
      ...geometry,
      filter,
      ...(used === "torchvision"
        ? { convention: "huggingface-torchvision", resampler: "torch" }
        : { convention: "huggingface" }),
      alpha: reader.flag("do_convert_rgb") ? "white" : "drop",
      channelOrder: reader.flag("do_flip_channel_order") ? "bgr" : "rgb",
      ...numbersOf(reader),
    },
    steps,
    padding,
    outputs: found.outputs,
  };
}
