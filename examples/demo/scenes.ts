import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import sharp, { type Sharp } from "sharp";
import type { Pair } from "./manifest.js";
import { seededRandomOf } from "./random.js";
import { planScene } from "./scene-plan.js";
import { sceneSvg } from "./scene-svg.js";
import { applyTexture, makeTexture, type Texture } from "./texture.js";

const quality = 90;

/** What to draw. The same count and seed give the same files. */
export interface SceneOptions {
  count: number;
  seed: number;
  /** Called after each image with the number finished so far. */
  onProgress?: (done: number) => void;
}

/**
 * Draws coloured shapes, each scene with a caption that is true of it, into image files about
 * as large and as detailed as web photos: mostly JPEG, every eighth one PNG or WebP in turn.
 *
 * @returns absolute image paths with their captions, in order
 */
export async function drawScenes(folder: string, options: SceneOptions): Promise<Pair[]> {
  const { count, seed, onProgress } = options;
  await mkdir(folder, { recursive: true });
  const texture = makeTexture(seed);
  const pairs: Pair[] = [];
  let next = 0;
  let done = 0;

  const drawUntilNoneIsLeft = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      pairs[index] = await drawScene(resolve(folder), index, seed, texture);
      done += 1;
      onProgress?.(done);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() + 1 }, drawUntilNoneIsLeft));
  return pairs;
}

async function drawScene(
  folder: string,
  index: number,
  seed: number,
  texture: Texture,
): Promise<Pair> {
  const random = seededRandomOf(seed, index);
  const plan = planScene(random);
  const { data, info } = await sharp(Buffer.from(sceneSvg(plan, random)))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  applyTexture(data, info.width, texture, random);

  const { width, height } = info;
  const drawing = sharp(data, { raw: { width, height, channels: 3 } });
  const name = join(folder, `scene-${String(index).padStart(4, "0")}`);
  const image = await writeImage(drawing, name, index);
  return { image, text: plan.caption };
}

/** @returns the name with the extension of the format that is this image's turn */
async function writeImage(image: Sharp, name: string, index: number): Promise<string> {
  if (index % 16 === 7) {
    await image.png().toFile(`${name}.png`);
    return `${name}.png`;
  }
  if (index % 16 === 15) {
    await image.webp({ quality }).toFile(`${name}.webp`);
    return `${name}.webp`;
  }
  await image.jpeg({ quality }).toFile(`${name}.jpg`);
  return `${name}.jpg`;
}
