import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  type AugmentationOptions,
  ImageProcessor,
  type ImageProcessorOptions,
  MultimodalDataset,
  PixtokError,
  type PretrainedProcessorOptions,
  type ProcessOptions,
  type RawPixels,
  type ResampleFilter,
  type Resampler,
  type Tensor,
} from "pixtok";
import sharp from "sharp";
import { sha256 } from "../support/fixtures.js";
import { type CaseResult, compared, judged } from "./case-result.js";
import { tokenizerOf } from "./text-families.js";

interface ImagenetLine {
  image: string;
  width: number;
  height: number;
  rgb: string;
  resized: string;
  tensor: string;
}

interface ResampleLine {
  image: string;
  filter: ResampleFilter;
  width: number;
  height: number;
  resized: string;
  /** As the standard preset normalizes it. */
  tensor?: string;
}

interface DraftLine {
  image: string;
  width: number;
  height: number;
  resized: string;
}

interface ProcessorLine {
  processor: string;
  image: string;
  shape: number[];
  dtype: "float32" | "uint8";
  tensor: string;
}

interface TransformersLine {
  processor: string;
  config: object;
  backend: "torchvision" | "pil";
  overrides: PretrainedProcessorOptions;
  image: string | string[];
  outputs: Record<string, { shape: number[]; dtype: string; sha256: string }>;
}

interface GeometryLine {
  image: string;
  options: ImageProcessorOptions;
  process: ProcessOptions;
  sha256: string;
}

interface DrawLine {
  image: string | [width: number, height: number];
  options: ImageProcessorOptions;
  augmentation: AugmentationOptions;
  seed: number;
  epoch: number;
  index: number;
  /** Top, left, height, width, flip. */
  drawn: number[];
  sha256: string;
}

interface RecipeLine extends Omit<DrawLine, "image" | "drawn"> {
  image: string;
  /** Names, in their order. */
  operations: string[];
}

interface BrokenLine {
  image: string;
  opens: boolean;
  rgb: string | null;
}

interface NormalizeLine {
  convention: "torchvision" | "huggingface";
  mean: [number, number, number];
  std: [number, number, number];
  rescale_factor: number | null;
  sha256: string[];
  /** Bit patterns of the float32, a list for each channel. */
  table: number[][] | null;
}

function imageAt(data: string, image: string): string {
  const folder = join(data, "images");
  return join(existsSync(folder) ? folder : join(data, "photos"), image);
}

async function bytesAt(
  path: string,
  width: number,
  height: number,
  resampler: Resampler,
  filter: ResampleFilter = "bilinear",
): Promise<string> {
  const processor = new ImageProcessor({
    resize: { width, height },
    filter,
    resampler,
    type: "uint8",
    layout: "hwc",
  });
  return sha256((await processor.process(path)).pixel_values.data);
}

export async function checkImagenet224(
  line: ImagenetLine,
  data: string,
  resampler: Resampler,
): Promise<CaseResult> {
  const standard = new ImageProcessor({ resampler });
  const path = imageAt(data, line.image);
  const actual = {
    rgb: await bytesAt(path, line.width, line.height, resampler),
    resized: await bytesAt(path, 224, 224, resampler),
    tensor: sha256((await standard.process(path)).pixel_values.data),
  };
  const different = (["rgb", "resized", "tensor"] as const).filter((k) => actual[k] !== line[k]);
  return judged([line.image, ...different].join(" "), different.length === 0);
}

export async function checkResample(
  line: ResampleLine,
  data: string,
  resampler: Resampler,
): Promise<CaseResult> {
  const { image, filter, width, height, resized, tensor } = line;
  const path = imageAt(data, image);
  const name = `${image} ${filter} to ${width}x${height}`;
  const actual = await bytesAt(path, width, height, resampler, filter);
  if (actual !== resized || tensor === undefined) return judged(name, actual === resized);
  const processor = new ImageProcessor({ resize: { width, height }, filter, resampler });
  const { pixel_values } = await processor.process(path);
  return judged(`${name}, normalized`, sha256(pixel_values.data) === tensor);
}

export async function checkDraft(
  line: DraftLine,
  data: string,
  resampler: Resampler,
): Promise<CaseResult> {
  const { image, width, height, resized } = line;
  const processor = new ImageProcessor({
    resize: { width, height },
    resampler,
    type: "uint8",
    layout: "hwc",
    decode: "fast",
  });
  const { pixel_values } = await processor.process(imageAt(data, image));
  return judged(`${image} to ${width}x${height}`, sha256(pixel_values.data) === resized);
}

export async function checkGeometry(line: GeometryLine, data: string): Promise<CaseResult> {
  const { image, options, process } = line;
  const processor = new ImageProcessor(options);
  const { pixel_values } = await processor.process(join(data, image), process);
  const name = [image, JSON.stringify(options), JSON.stringify(process)].join(" ");
  return judged(name, sha256(pixel_values.data) === line.sha256);
}

export async function checkDraws(line: DrawLine, data: string): Promise<CaseResult> {
  const { image, options, augmentation, seed, epoch, index } = line;
  const given = typeof image === "string" ? join(data, image) : blackImage(...image);
  const dataset = new MultimodalDataset({
    source: { length: Number.MAX_SAFE_INTEGER, get: () => ({ image: given, text: "" }) },
    tokenizer: await tokenizerOf(join(data, "wordpiece")),
    image: new ImageProcessor(options),
    augmentation,
  });
  const item = await dataset.get(index, { seed, epoch });
  const drawn = [...(item.augmentation?.data ?? [])].join(" ");
  const choice = `${JSON.stringify(augmentation)} by ${seed} ${epoch} ${index}: ${drawn}`;
  const name = `${image} ${choice}, not ${line.drawn.join(" ")}`;
  return judged(name, drawn === line.drawn.join(" ") && sha256(item.image.data) === line.sha256);
}

export async function checkRecipes(line: RecipeLine, data: string): Promise<CaseResult> {
  const { image, options, augmentation, seed, epoch, index, operations, sha256: expected } = line;
  const given = join(data, image);
  const dataset = new MultimodalDataset({
    source: { length: Number.MAX_SAFE_INTEGER, get: () => ({ image: given, text: "" }) },
    text: null,
    image: new ImageProcessor(options),
    augmentation,
  });
  const item = await dataset.get(index, { seed, epoch });
  const drawn = item.augmentation?.operations?.[0] ?? [];
  const names = drawn.map(({ name }) => name).join(" ");
  const what = `${image} ${JSON.stringify(augmentation)} by ${seed} ${epoch} ${index}`;
  return judged(
    `${what}: ${JSON.stringify(drawn)}, not ${operations.join(" ")}`,
    names === operations.join(" ") && sha256(item.image.data) === expected,
  );
}

function blackImage(width: number, height: number): RawPixels {
  return { data: new Uint8Array(width * height), width, height, channels: 1 };
}

const processors = new Map<string, ImageProcessor>();

export async function checkProcessors(
  line: ProcessorLine,
  folder: string,
  resampler: Resampler,
): Promise<CaseResult> {
  const { processor: name, image, shape, dtype, tensor } = line;
  const pillow = resampler === "pillow12" ? resampler : "pillow13";
  const key = JSON.stringify([folder, name, pillow]);
  const processor =
    processors.get(key) ??
    (await ImageProcessor.fromPretrained(join(folder, "processors", name), {
      backend: "pil",
      resampler: pillow,
      alpha: "drop",
    }));
  processors.set(key, processor);
  const { pixel_values } = await processor.process(imageAt(folder, image));
  const actual = pixel_values.dims.slice(1).join("x");
  const expected = shape.join("x");
  if (actual !== expected) return judged(`${name} ${image}: ${actual}, not ${expected}`, false);
  // what is neither rescaled nor normalized are bytes in Python, and the same numbers here
  const data = dtype === "uint8" ? Uint8Array.from(pixel_values.data) : pixel_values.data;
  return judged(`${name} ${image}`, sha256(data) === tensor);
}

export async function checkTransformers(
  line: TransformersLine,
  data: string,
  resampler: Resampler,
): Promise<CaseResult> {
  const { processor: name, config, backend, overrides, image, outputs } = line;
  const key = JSON.stringify([config, backend, overrides, resampler]);
  const processor =
    processors.get(key) ?? (await saved(config, { backend, ...overrides }, resampler));
  processors.set(key, processor);
  const images = [image].flat().map((one) => join(data, one));
  const result: object = await processor.process(images);
  const said = Object.fromEntries(
    Object.entries(result as Record<string, Tensor>).map(([output, tensor]) => [
      output,
      described(tensor),
    ]),
  );
  const what = JSON.stringify([name, backend, overrides, image, config]);
  return judged(what, isDeepStrictEqual(said, outputs));
}

/** A tensor as the goldens of transformers describe it. */
export function described({ dims, type, data }: Tensor) {
  return { shape: dims, dtype: type, sha256: sha256(data) };
}

/** The processor of a folder with this file. */
export async function saved(
  config: object,
  options: PretrainedProcessorOptions,
  resampler: Resampler,
): Promise<ImageProcessor> {
  const folder = await mkdtemp(join(tmpdir(), "pixtok-conformance-"));
  try {
    await writeFile(join(folder, "preprocessor_config.json"), JSON.stringify(config));
    const pillow = resampler === "pillow12" ? resampler : "pillow13";
    return await ImageProcessor.fromPretrained(folder, { ...options, resampler: pillow });
  } finally {
    await rm(folder, { recursive: true });
  }
}

export async function checkBroken(line: BrokenLine, data: string): Promise<CaseResult> {
  const path = join(data, "broken", line.image);
  try {
    // whatever size sharp reads in the header; 8 x 8 where it reads none
    const { width, height } = await sharp(path)
      .metadata()
      .catch(() => ({ width: 8, height: 8 }));
    const affordable = width * height < 1e6;
    const rgb = await bytesAt(path, affordable ? width : 8, affordable ? height : 8, "pillow13");
    if (!line.opens) return judged(`${line.image}: Pillow refuses it`, false);
    return judged(`${line.image} rgb`, rgb === line.rgb);
  } catch (error) {
    if (!(error instanceof PixtokError) || error.source !== path) {
      return judged(`${line.image}: ${String(error)}`, false);
    }
    return judged(`${line.image}: ${error.message}`, !line.opens);
  }
}

/** Every byte once, as an image of one row. */
export async function checkNormalize(line: NormalizeLine): Promise<CaseResult> {
  const { convention, mean, std, rescale_factor, table } = line;
  const width = 256;
  const data = Uint8Array.from({ length: 3 * width }, (_, i) => Math.floor(i / 3));
  const processor = new ImageProcessor({
    resize: { width, height: 1 },
    rescale: rescale_factor ?? true,
    mean,
    std,
  });
  const { pixel_values } = await processor.process({ data, width, height: 1, channels: 3 });
  const planes = [0, 1, 2].map((c) => pixel_values.data.slice(c * width, (c + 1) * width));
  const name = `${convention} mean ${mean} std ${std} factor ${rescale_factor}`;
  if (planes.every((plane, channel) => sha256(plane) === line.sha256[channel])) {
    return judged(name, true);
  }
  if (table === null) return judged(name, false);
  const expected = new Float32Array(Uint32Array.from(table.flat()).buffer);
  const result = compared(name, pixel_values.data as Float32Array, expected);
  return result.difference === 0 ? judged(`${name}: a zero's sign`, false) : result;
}
