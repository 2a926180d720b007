import type { ProcessorBackend } from "./processor-backend.js";
import type { ProcessorKeys } from "./processor-keys.js";
import type { VisionRule } from "./vision/vision-rules.js";

/** What of a class's geometry is not said by its keys: processor-geometry.ts. */
export type GeometryRule =
  | "convnext"
  | "levit"
  | "poolformer"
  | "perceiver"
  | "textnet"
  | "donut"
  | "detector"
  | "yolos"
  | "maskFormer"
  | "vilt"
  | "dpt"
  | "glpn"
  | "sam"
  | "ppLcNet"
  | "eomt"
  | "dinov3"
  | "depthPro"
  | "rfDetr"
  | "swin2sr"
  | "zoeDepth"
  | "owlv2"
  | VisionRule
  | "plain";

/** An image processor of transformers 5.24. */
export interface ProcessorClass {
  /** Values of `model_type` in config.json that it stands for. */
  readonly models: readonly string[];
  /** Class attributes, for keys that a file leaves out. */
  readonly defaults: ProcessorKeys;
  readonly geometry: GeometryRule;
  /** The one backend that it has, which then stands for the other too; null: it has both. */
  readonly onlyBackend: ProcessorBackend | null;
  /** Why what it gives by backend "pil" is not made; null: it is. */
  readonly pilRefused: string | null;
  /** Keys of its own that have no bearing on the image. */
  readonly ignored: readonly string[];
  /** Keys of its own with the one value for which the image is what is made here. */
  readonly only: ProcessorKeys;
  /** What a file says against it has no effect either. */
  readonly fixed: ProcessorKeys;
  /** What it makes of the keys of old files. */
  readonly oldKeys: (keys: ProcessorKeys) => ProcessorKeys;
  /** Whether blue comes first after mean and std, rather than before. */
  readonly flipsNormalized: boolean;
  /** What it calls the images. */
  readonly pixelValues: "pixel_values" | "pixel_values_images" | "image_pixel_values" | "images";
  /** Backends whose pixels are floats also where they are neither rescaled nor normalized; of others they are bytes then. */
  readonly floatsOfBytes: readonly ProcessorBackend[];
  /** Of each image, what comes beside pixel_values. */
  readonly outputs: Readonly<Record<string, readonly number[] | number | "size" | "resized">>;
}

/** Of every class. */
const commonDefaults: ProcessorKeys = {
  default_to_square: true,
  do_resize: true,
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
};

/** A class whose keys, geometry and outputs are the usual ones where nothing else is said. */
export function processorClass(
  models: string,
  defaults: ProcessorKeys,
  rest: Partial<Omit<ProcessorClass, "models" | "defaults">> = {},
): ProcessorClass {
  return {
    models: models.split(" "),
    defaults: { ...commonDefaults, ...defaults },
    geometry: "plain",
    onlyBackend: null,
    pilRefused: null,
    ignored: [],
    only: {},
    fixed: {},
    oldKeys: (keys) => keys,
    flipsNormalized: false,
    pixelValues: "pixel_values",
    floatsOfBytes: [],
    outputs: {},
    ...rest,
  };
}
