import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { seededRandomOf } from "./demo/random.js";
import { planScene, type ScenePlan } from "./demo/scene-plan.js";
import { sceneSvg } from "./demo/scene-svg.js";

const seed = 7;
const trainCount = 1600;
const heldOutCount = 256;
/** Dots an inch that a scene is drawn with: it becomes about 125 pixels wide. */
const density = 18;

/** Scenes that are drawn at the same time. */
const atOnce = 8;

/** What the trainers learn from. */
export interface TrainingData {
  /** JSON Lines with `image`, `text`, and `other_text`, which is true of another image. */
  train: string;
  /** The same of scenes that nothing is learned from. */
  heldOut: string;
  /** A WordPiece vocabulary: the words of all captions. */
  vocabulary: string;
}

interface Pair {
  image: string;
  text: string;
}

/** Draws small scenes with true captions into a folder, unless they are there. */
export async function drawTrainingScenes(folder: string): Promise<TrainingData> {
  const data = {
    train: join(folder, "train.jsonl"),
    heldOut: join(folder, "held-out.jsonl"),
    vocabulary: join(folder, "vocab.txt"),
  };
  // written last
  if (existsSync(data.vocabulary)) return data;

  await mkdir(folder, { recursive: true });
  const pairs: Pair[] = [];
  while (pairs.length < trainCount + heldOutCount) {
    const drawn = Array.from({ length: atOnce }, (_, more) =>
      drawScene(folder, pairs.length + more),
    );
    const scenes = await Promise.all(drawn);
    pairs.push(...scenes.map(({ image, plan }) => ({ image, text: plan.caption })));
  }
  await writeFile(data.train, manifest(pairs.slice(0, trainCount)));
  await writeFile(data.heldOut, manifest(pairs.slice(trainCount)));
  const words = [...new Set(pairs.flatMap(({ text }) => text.split(" ")))].sort();
  const tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ...words];
  await writeFile(data.vocabulary, `${tokens.join("\n")}\n`);
  return data;
}

/** Draws the scene of a number into a folder; gives its file and what it shows. */
export async function drawScene(
  folder: string,
  index: number,
): Promise<{ image: string; plan: ScenePlan }> {
  const random = seededRandomOf(seed, index);
  const plan = planScene(random);
  const image = `${String(index).padStart(4, "0")}.jpg`;
  const drawing = sharp(Buffer.from(sceneSvg(plan, random)), { density });
  await drawing.jpeg({ quality: 90 }).toFile(join(folder, image));
  return { image, plan };
}

function manifest(pairs: readonly Pair[]): string {
  const rows = pairs.map((pair, index) => {
    const other = pairs[(index + 1) % pairs.length];
    return JSON.stringify({ ...pair, other_text: other?.text });
  });
  return `${rows.join("\n")}\n`;
}
