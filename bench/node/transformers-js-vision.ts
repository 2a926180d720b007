import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Unavailable } from "../src/contenders/contender.js";
import { importOptional, isUnavailable } from "./optional-package.js";

interface Image {
  rgb(): Image;
}

type ImageProcessor = (image: Image) => Promise<{ image_grid_thw: { dims: number[] } }>;

interface Transformers {
  readonly env: { allowRemoteModels: boolean };
  readonly RawImage: { read(path: string): Promise<Image> };
  readonly AutoImageProcessor: { from_pretrained(folder: string): Promise<ImageProcessor> };
}

/** What transformers.js needs to be told of Qwen2-VL's processor: it has no defaults of the class. */
const preprocessorConfig = {
  image_processor_type: "Qwen2VLImageProcessor",
  do_resize: true,
  do_rescale: true,
  do_normalize: true,
  do_convert_rgb: true,
  resample: 3,
  rescale_factor: 1 / 255,
  image_mean: [0.48145466, 0.4578275, 0.40821073],
  image_std: [0.26862954, 0.26130258, 0.27577711],
  min_pixels: 56 * 56,
  max_pixels: 28 * 28 * 1280,
  patch_size: 14,
  temporal_patch_size: 2,
  merge_size: 2,
};

/** Reads and takes apart a batch of images; gives their number. */
export type ProcessBatch = (paths: readonly string[]) => Promise<number>;

export async function transformersJsVision(): Promise<ProcessBatch | Unavailable> {
  const transformers = await importOptional<Transformers>("@huggingface/transformers");
  if (isUnavailable(transformers)) return transformers;
  const { env, RawImage, AutoImageProcessor } = transformers;
  env.allowRemoteModels = false;
  const folder = await mkdtemp(join(tmpdir(), "pixtok-bench-qwen-"));
  try {
    await writeFile(join(folder, "preprocessor_config.json"), JSON.stringify(preprocessorConfig));
    const process = await AutoImageProcessor.from_pretrained(folder);
    // one call an image: of several it wants that they have one size
    const processOne = async (path: string) => {
      const { image_grid_thw } = await process((await RawImage.read(path)).rgb());
      return image_grid_thw.dims[0] ?? 0;
    };
    return async (paths) => (await Promise.all(paths.map(processOne))).reduce((a, b) => a + b, 0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
