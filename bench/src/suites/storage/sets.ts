/** Sets in a folder that is shown as on slow storage. */
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { openWebDataset, packDataset, type Tokenizer } from "pixtok";
import type { Pair } from "../../contenders/contender.js";
import { plainFiles, writeShards } from "../sources/sets.js";

const SHARDS = 16;

export interface StoredSet {
  readonly name: string;
  /** What is opened, below the folder. */
  readonly data: string;
  readonly shuffle: boolean;
  /** It has tokens. */
  readonly isPacked: boolean;
}

async function writePhotos(folder: string, pairs: readonly Pair[]): Promise<string> {
  await mkdir(join(folder, "photos"));
  const lines: string[] = [];
  for (const [i, { image, text }] of pairs.entries()) {
    const name = `photos/${String(i).padStart(6, "0")}${extname(image)}`;
    await copyFile(image, join(folder, name));
    lines.push(JSON.stringify({ image: name, text }));
  }
  await writeFile(join(folder, "pairs.jsonl"), lines.join("\n"));
  return "pairs.jsonl";
}

/** The same pairs as files, in tars, and packed. */
export async function writeStoredSets(
  folder: string,
  pairs: readonly Pair[],
  tokenizer: Tokenizer,
): Promise<StoredSet[]> {
  const photos = await writePhotos(folder, pairs);
  const tars = await writeShards(folder, pairs, SHARDS);
  await openWebDataset(tars); // their indexes come to lie beside them
  await packDataset(plainFiles(pairs, tokenizer), join(folder, "packed"));
  return [
    { name: "photos, shuffled", data: photos, shuffle: true, isPacked: false },
    {
      name: "tars, in order",
      data: tars.slice(folder.length + 1),
      shuffle: false,
      isPacked: false,
    },
    { name: "packed set, shuffled", data: "packed", shuffle: true, isPacked: true },
  ];
}
