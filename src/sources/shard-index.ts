import { readFile, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { inOneStep } from "../atomic-file.js";
import type { ShardComponent, ShardSample } from "./shard-samples.js";

/**
 * What is where in a shard, kept beside it, in the format of NVIDIA DALI's `wds2idx`: a line "v1.2 N", and
 * for each of N samples a line of "extension offset size name" for each of its files. DALI reads no further;
 * a last line of ours says which tar it was made of.
 */

const VERSION = "v1.2";
const MADE_OF = "# made of a tar of";

export function indexPath(shard: string): string {
  const name = basename(shard);
  return join(dirname(shard), `${name.endsWith(".tar") ? name.slice(0, -4) : name}.idx`);
}

/** What tells a tar from the one that it was before. */
export interface ShardStamp {
  readonly size: number;
  /** In nanoseconds. */
  readonly modified: bigint;
}

export async function stampOf(shard: string): Promise<ShardStamp> {
  const { size, mtimeNs } = await stat(shard, { bigint: true });
  return { size: Number(size), modified: mtimeNs };
}

const lastLine = ({ size, modified }: ShardStamp) =>
  `${MADE_OF} ${size} bytes, modified ${modified}`;

function parseSample(line: string, size: number): ShardSample | undefined {
  const words = line.split(" ");
  if (words.length === 0 || words.length % 4 !== 0) return undefined;
  const components: ShardComponent[] = [];
  let key = "";
  for (let at = 0; at < words.length; at += 4) {
    const [extension = "", offsetText = "", lengthText = "", name = ""] = words.slice(at, at + 4);
    const [offset, length] = [Number(offsetText), Number(lengthText)];
    const fits =
      Number.isSafeInteger(offset) &&
      Number.isSafeInteger(length) &&
      offset >= 0 &&
      length >= 0 &&
      offset + length <= size;
    if (!fits || !name.endsWith(`.${extension}`)) return undefined;
    key = name.slice(0, -extension.length - 1);
    components.push({ extension, offset, size: length });
  }
  return { key, components };
}

/** The samples of a shard as its index has them; undefined where there is none that can be believed. */
export async function readIndex(
  shard: string,
  stamp: ShardStamp,
): Promise<ShardSample[] | undefined> {
  const path = indexPath(shard);
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const lines = text.split("\n");
  const found = /^v1\.2 (\d+)$/.exec(lines[0]?.trim() ?? "");
  const count = Number(found?.[1]);
  if (found === null || lines.length <= count) return undefined;
  const last = lines[count + 1] ?? "";
  const isOurs = last.startsWith(MADE_OF);
  const isCurrent = isOurs
    ? last === lastLine(stamp)
    : (await stat(path, { bigint: true })).mtimeNs >= stamp.modified;
  if (!isCurrent) return undefined;
  const samples: ShardSample[] = [];
  for (const line of lines.slice(1, count + 1)) {
    const sample = parseSample(line.trim(), stamp.size);
    if (sample === undefined) return undefined;
    samples.push(sample);
  }
  return samples;
}

/** Words of a line are parted by blanks, so that a name must not have any. */
const isPlain = (name: string) => !/\s/.test(name);

/** Keeps an index where it can be written; where not, the shard is gone through again the next time. */
export async function writeIndex(
  shard: string,
  stamp: ShardStamp,
  samples: readonly ShardSample[],
): Promise<void> {
  const isWritable = ({ key, components }: ShardSample) =>
    isPlain(key) && components.every(({ extension }) => isPlain(extension));
  if (!samples.every(isWritable)) return;
  const lines = samples.map(({ key, components }) =>
    components
      .map(({ extension, offset, size }) => `${extension} ${offset} ${size} ${key}.${extension}`)
      .join(" "),
  );
  const content = `${[`${VERSION} ${samples.length}`, ...lines, lastLine(stamp)].join("\n")}\n`;
  try {
    await inOneStep(indexPath(shard), (temporary) => writeFile(temporary, content));
  } catch {
    // a folder that cannot be written to is no error
  }
}
