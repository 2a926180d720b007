import { type ImagePlan, startImageBatch } from "./image-batch.js";
import type { ImageInput } from "./image-input.js";
import { runtime } from "./runtime.js";
import type { ImageTensor, Tensor } from "./tensor.js";
import {
  outOfRange,
  requireInteger,
  requireOneOf,
  requireOptions,
  wrongType,
} from "./validation.js";

const filters = ["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"] as const;
const types = ["float32", "float16", "uint8"] as const;
const layouts = ["chw", "hwc"] as const;

export type ResampleFilter = (typeof filters)[number];
export type ImageType = (typeof types)[number];
export type ImageLayout = (typeof layouts)[number];

/** Three numbers, for red, green and blue. */
export type PerChannel = readonly [number, number, number];

/** What is left out is the standard preset's. */
export interface ImageProcessorOptions {
  /** Size of the output in pixels. Default 224 x 224. */
  resize?: { width: number; height: number };
  /** Resample filter, antialiased as Pillow's (all but "nearest"). Default "bilinear". */
  filter?: ResampleFilter;
  /**
   * How a byte becomes a number. `true`: float32 `u8 / 255`, as torchvision's ToTensor. A number: a
   * Hugging Face `rescale_factor`, float64 `u8 * factor` rounded to float32. `false`: as it is.
   * Default `true`. Not with type "uint8".
   */
  rescale?: boolean | number;
  /**
   * Subtracted from each channel after rescaling, in float32; `null` (for `std` too): nothing is.
   * Default 0.485, 0.456, 0.406. Not with type "uint8".
   */
  mean?: PerChannel | null;
  /** Each channel is divided by it, in float32. Default 0.229, 0.224, 0.225. */
  std?: PerChannel | null;
  /** Order of the axes of a picture. Default "chw". */
  layout?: ImageLayout;
  /** Type of the output. "uint8" is the resized picture, not normalized. Default "float32". */
  type?: ImageType;
  /** A picture that declares more pixels is an error. Default 178956970, Pillow's limit. */
  maxPixels?: number;
}

/** All options with their values. */
export interface ImageProcessorConfig {
  readonly resize: { readonly width: number; readonly height: number };
  readonly filter: ResampleFilter;
  readonly rescale: boolean | number;
  readonly mean: PerChannel | null;
  readonly std: PerChannel | null;
  readonly layout: ImageLayout;
  readonly type: ImageType;
  readonly maxPixels: number;
}

const MAX_SIDE = 1 << 16;
const PILLOW_MAX_PIXELS = 178_956_970;
const IMAGENET_MEAN: PerChannel = [0.485, 0.456, 0.406];
const IMAGENET_STD: PerChannel = [0.229, 0.224, 0.225];

const optionNames = [
  "resize",
  "filter",
  "rescale",
  "mean",
  "std",
  "layout",
  "type",
  "maxPixels",
] as const satisfies (keyof ImageProcessorOptions)[];

function requirePerChannel(option: string, value: unknown): PerChannel {
  if (!Array.isArray(value) || value.length !== 3) {
    throw wrongType(option, "an array of three numbers, or null", value);
  }
  for (const [channel, number] of value.entries()) {
    if (typeof number !== "number") throw wrongType(`${option}[${channel}]`, "a number", number);
    if (!Number.isFinite(number)) {
      throw outOfRange(`${option}[${channel}]`, "a finite number", number);
    }
  }
  return [value[0], value[1], value[2]];
}

function requireStd(value: unknown): PerChannel {
  const std = requirePerChannel("std", value);
  for (const [channel, number] of std.entries()) {
    // what divides is the float32, so that is what must not be zero
    if (!(Math.fround(number) > 0)) {
      throw outOfRange(`std[${channel}]`, "a number greater than 0", number);
    }
  }
  return std;
}

function requireSize(value: unknown): { width: number; height: number } {
  const size = requireOptions("resize", value, ["width", "height"]);
  return {
    width: requireInteger("resize.width", size.width, 1, MAX_SIDE),
    height: requireInteger("resize.height", size.height, 1, MAX_SIDE),
  };
}

function requireRescale(value: unknown): boolean | number {
  if (typeof value === "boolean") return value;
  if (typeof value !== "number") throw wrongType("rescale", "true, false or a factor", value);
  if (!Number.isFinite(value)) throw outOfRange("rescale", "a finite factor", value);
  return value;
}

function readConfig(options: ImageProcessorOptions): ImageProcessorConfig {
  const given = requireOptions("ImageProcessor", options, optionNames);
  const type = requireOneOf("type", given.type ?? "float32", types);
  const raw = type === "uint8";
  if (raw) {
    for (const name of ["rescale", "mean", "std"] as const) {
      const value = given[name];
      if (value !== undefined && value !== null && value !== false) {
        throw wrongType(name, 'nothing with type "uint8", which is not normalized', value);
      }
    }
  }
  const { mean = raw ? null : IMAGENET_MEAN, std = raw ? null : IMAGENET_STD } = given;
  if ((mean === null) !== (std === null)) {
    throw wrongType(
      mean === null ? "std" : "mean",
      "null, as the other of mean and std is",
      mean ?? std,
    );
  }
  return Object.freeze({
    resize: Object.freeze(requireSize(given.resize ?? { width: 224, height: 224 })),
    filter: requireOneOf("filter", given.filter ?? "bilinear", filters),
    rescale: raw ? false : requireRescale(given.rescale ?? true),
    mean: mean === null ? null : Object.freeze(requirePerChannel("mean", mean)),
    std: std === null ? null : Object.freeze(requireStd(std)),
    layout: requireOneOf("layout", given.layout ?? "chw", layouts),
    type,
    maxPixels: requireInteger("maxPixels", given.maxPixels ?? PILLOW_MAX_PIXELS, 1),
  });
}

const elementBytes = { float32: 4, float16: 2, uint8: 1 } as const;

function compile(config: ImageProcessorConfig): ImagePlan {
  const { resize, rescale, mean, std, type } = config;
  const native = runtime().addon.compilePlan({
    ...resize,
    filter: filters.indexOf(config.filter),
    type: types.indexOf(type),
    layout: layouts.indexOf(config.layout),
    maxPixels: config.maxPixels,
    arithmetic: typeof rescale === "number" ? 1 : 0,
    rescale: rescale !== false,
    rescaleFactor: typeof rescale === "number" ? rescale : 1 / 255,
    normalize: mean !== null,
    mean: mean ?? [0, 0, 0],
    std: std ?? [1, 1, 1],
  });
  const slotBytes = 3 * resize.width * resize.height * elementBytes[type];
  return { native, slotBytes, maxPixels: config.maxPixels };
}

/** Decodes, resizes and normalizes pictures to the last bit as Pillow and torchvision do. */
export class ImageProcessor {
  readonly config: ImageProcessorConfig;
  #plan: ImagePlan | undefined;

  /** @throws {TypeError | RangeError} for options that do not exist or have no possible value. */
  constructor(options: ImageProcessorOptions = {}) {
    this.config = readConfig(options);
  }

  /**
   * The standard preset: 224 x 224, antialiased bilinear, `(u8 / 255 - mean) / std` with ImageNet's
   * mean and std, CHW float32. The same as torchvision's `Resize((224, 224))`, `ToTensor()`,
   * `Normalize(mean, std)`.
   */
  static standard(): ImageProcessor {
    return new ImageProcessor();
  }

  /** Shape of one picture: [3, height, width], or [height, width, 3] with layout "hwc". */
  get dims(): readonly [number, number, number] {
    const { width, height } = this.config.resize;
    return this.config.layout === "chw" ? [3, height, width] : [height, width, 3];
  }

  /** @internal */
  get plan(): ImagePlan {
    this.#plan ??= compile(this.config);
    return this.#plan;
  }

  /**
   * One picture or several, prepared in parallel.
   *
   * @returns `pixel_values` of shape [n, 3, height, width] ([n, height, width, 3] with layout "hwc");
   *   n is 1 for a single picture.
   * @throws {PixtokError} the first picture that cannot be read; `index` is its position.
   * @throws {RangeError} for an empty array.
   */
  async process(
    images: ImageInput | readonly ImageInput[],
  ): Promise<{ pixel_values: ImageTensor }> {
    const list = Array.isArray(images) ? (images as readonly ImageInput[]) : [images as ImageInput];
    if (list.length === 0) throw outOfRange("images", "at least one picture", images);
    const memory = allocateImages(this, list.length);
    const errors = await startImageBatch(this.plan, list, [...list.keys()], memory).done;
    if (errors[0] !== undefined) throw errors[0];
    return { pixel_values: imageTensor(this, memory, [list.length, ...this.dims]) };
  }
}

/** Memory for `count` pictures, contents unspecified. */
export function allocateImages(processor: ImageProcessor, count: number): ArrayBuffer {
  return runtime().addon.allocate(count * processor.plan.slotBytes);
}

/** The whole of `memory` as a tensor of the processor's type. */
export function imageTensor(
  processor: ImageProcessor,
  memory: ArrayBuffer,
  dims: readonly number[],
): ImageTensor {
  switch (processor.config.type) {
    case "float32":
      return { type: "float32", data: new Float32Array(memory), dims } satisfies Tensor<"float32">;
    case "float16":
      return { type: "float16", data: new Uint16Array(memory), dims } satisfies Tensor<"float16">;
    case "uint8":
      return { type: "uint8", data: new Uint8Array(memory), dims } satisfies Tensor<"uint8">;
  }
}
