import { join } from "node:path";
import { ImageProcessor, PixtokError, type ResampleFilter } from "pixtok";
import sharp from "sharp";
import type { ConformanceResult, ConformanceTask } from "./conformance-process.js";
import { readJsonLines, sha256 } from "./fixtures.js";

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
}

interface BrokenLine {
  image: string;
  opens: boolean;
  rgb: string | null;
}

const standard = ImageProcessor.standard();

async function bytesAt(
  path: string,
  width: number,
  height: number,
  filter: ResampleFilter = "bilinear",
): Promise<string> {
  const processor = new ImageProcessor({
    resize: { width, height },
    filter,
    type: "uint8",
    layout: "hwc",
  });
  return sha256((await processor.process(path)).pixel_values.data);
}

async function checkImagenet(path: string, line: ImagenetLine): Promise<string[]> {
  const actual = {
    rgb: await bytesAt(path, line.width, line.height),
    resized: await bytesAt(path, 224, 224),
    tensor: sha256((await standard.process(path)).pixel_values.data),
  };
  const keys = ["rgb", "resized", "tensor"] as const;
  return keys.filter((key) => actual[key] !== line[key]).map((key) => `${line.image}: ${key}`);
}

async function checkResample(path: string, line: ResampleLine): Promise<string[]> {
  const actual = await bytesAt(path, line.width, line.height, line.filter);
  const name = `${line.image}: ${line.filter} to ${line.width}x${line.height}`;
  return actual === line.resized ? [] : [name];
}

async function checkBroken(path: string, line: BrokenLine): Promise<string[]> {
  try {
    // whatever size sharp reads in the header; 8 x 8 where it reads none
    const { width, height } = await sharp(path)
      .metadata()
      .catch(() => ({ width: 8, height: 8 }));
    const affordable = width * height < 1e6;
    const rgb = await bytesAt(path, affordable ? width : 8, affordable ? height : 8);
    if (!line.opens) return [`${line.image}: Pillow refuses it`];
    return rgb === line.rgb ? [] : [`${line.image}: rgb`];
  } catch (error) {
    if (!(error instanceof PixtokError) || error.source !== path) {
      return [`${line.image}: ${String(error)}`];
    }
    return line.opens ? [`${line.image}: Pillow opens it, but ${error.message}`] : [];
  }
}

async function run({ family, golden, pictures }: ConformanceTask): Promise<ConformanceResult> {
  const check = { imagenet224: checkImagenet, resample: checkResample, broken: checkBroken }[
    family
  ] as (path: string, line: { image: string }) => Promise<string[]>;
  const lines = readJsonLines<{ image: string }>(golden);
  const differences: string[] = [];
  for (const line of lines) differences.push(...(await check(join(pictures, line.image), line)));
  return { cases: lines.length, differences };
}

process.once("message", async (task) => {
  const result = await run(task as ConformanceTask);
  process.send?.(result, () => process.disconnect());
});
