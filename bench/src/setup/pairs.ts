import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { Pair } from "../contenders/contender.js";

export interface PairList {
  readonly pairs: readonly Pair[];
  dispose(): Promise<void>;
}

// Every eighth is not a JPEG and is left out.
const DRAWN_SCENES = 400;
const DRAWING_SEED = 7;

export const DRAWN_LABEL = `JPEGs among ${DRAWN_SCENES} drawn scenes, seed ${DRAWING_SEED}`;

function parseManifestLine(line: string, where: string): Pair {
  const parsed: unknown = JSON.parse(line);
  if (typeof parsed === "object" && parsed !== null && "image" in parsed && "text" in parsed) {
    const { image, text } = parsed;
    if (typeof image === "string" && typeof text === "string") return { image, text };
  }
  throw new TypeError(`${where}: expected {"image": string, "text": string}, got ${line}`);
}

export async function readManifest(path: string): Promise<PairList> {
  const lines = (await readFile(path, "utf8")).split("\n");
  const pairs = lines.flatMap((line, index) => {
    if (line.trim() === "") return [];
    const { image, text } = parseManifestLine(line, `${path}:${index + 1}`);
    return [{ image: resolve(dirname(path), image), text }];
  });
  return { pairs, async dispose() {} };
}

export async function drawPairs(): Promise<PairList> {
  const { drawScenes } = await import("../../../examples/demo/scenes.js");
  const folder = await mkdtemp(join(tmpdir(), "pixtok-bench-scenes-"));
  const dispose = () => rm(folder, { recursive: true, force: true });
  try {
    process.stderr.write(`drawing ${DRAWN_SCENES} scenes\n`);
    const scenes = await drawScenes(folder, { count: DRAWN_SCENES, seed: DRAWING_SEED });
    return { pairs: scenes.filter(({ image }) => image.endsWith(".jpg")), dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
