import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { seededRandomOf } from "./demo/random.js";
import { planScene } from "./demo/scene-plan.js";
import { sceneSvg } from "./demo/scene-svg.js";

/** What the trainers learn from: two manifests, and the words of their captions. */
export interface TrainingData {
  /** JSON Lines with `image`, `text`, and `other_text`, which is true of another image. */
  train: string;
  /** The same of scenes that nothing is learned from. */
  heldOut: string;
  /** A WordPiece vocabulary. */
  vocabulary: string;
}

const seed = 7;
const trainCount = 1600;
const heldOutCount = 256;
/** Dots an inch that a scene is drawn with: it becomes about 125 pixels wide. */
const density = 18;

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
  const pairs: { image: string; text: string }[] = [];
  for (let index = 0; index < trainCount + heldOutCount; index += 1) {
    const random = seededRandomOf(seed, index);
    const plan = planScene(random);
    const image = `${String(index).padStart(4, "0")}.jpg`;
    const drawing = sharp(Buffer.from(sceneSvg(plan, random)), { density });
    await drawing.jpeg({ quality: 90 }).toFile(join(folder, image));
    pairs.push({ image, text: plan.caption });
  }
  await writeFile(data.train, manifest(pairs.slice(0, trainCount)));
  await writeFile(data.heldOut, manifest(pairs.slice(trainCount)));
  const words = new Set(pairs.flatMap(({ text }) => text.split(" ")));
  const vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ...[...words].sort()];
  await writeFile(data.vocabulary, `${vocabulary.join("\n")}\n`);
  return data;
}

function manifest(pairs: readonly { image: string; text: string }[]): string {
  const rows = pairs.map((pair, index) => {
    const other = pairs[(index + 1) % pairs.length];
    return JSON.stringify({ ...pair, other_text: other?.text });
  });
  return `${rows.join("\n")}\n`;
}
