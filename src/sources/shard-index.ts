import { readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Header } from "tar";
import { inOneStep } from "../atomic-file.js";
import { type FileStamp, readRange, stampOf } from "./open-files.js";
import type { ShardComponent, ShardSample } from "./shard-samples.js";

/**
 * What is where in a shard, kept beside it, in the format of NVIDIA DALI's `wds2idx`: a line "v1.2 N", and
 * for each of N samples a line of "extension offset size name" for each of its files. DALI reads no further;
 * a last line of ours says which tar it was made of.
 */

const VERSION = "v1.2";
const MADE_OF = "# made of a tar of";
const TAR_BLOCK = 512;

export function indexPath(shard: string): string {
  const name = basename(shard);
  return join(dirname(shard), `${name.endsWith(".tar") ? name.slice(0, -4) : name}.idx`);
}

const lastLine = ({ size, modified }: FileStamp) =>
  `${MADE_OF} ${size} bytes, modified ${modified}`;

interface IndexedFile extends ShardComponent {
  readonly name: string;
}

function parseLine(line: string, size: number): IndexedFile[] | undefined {
  const words = line.split(" ");
  if (words.length % 4 !== 0) return undefined;
  const files: IndexedFile[] = [];
  for (let at = 0; at < words.length; at += 4) {
    const [extension = "", offsetText = "", sizeText = "", name = ""] = words.slice(at, at + 4);
    const isNumeric = /^\d+$/.test(offsetText) && /^\d+$/.test(sizeText);
    const file = { extension, offset: Number(offsetText), size: Number(sizeText), name };
    const fits = isNumeric && file.offset + file.size <= size;
    if (!fits || !name.endsWith(`.${extension}`)) return undefined;
    files.push(file);
  }
  return files;
}

/** Whether the header before a file's bytes is the file's own. */
async function hasHeader(shard: string, stamp: FileStamp, file: IndexedFile): Promise<boolean> {
  try {
    const block = await readRange(shard, stamp, file.offset - TAR_BLOCK, TAR_BLOCK);
    const { cksumValid, path, size } = new Header(block, 0);
    return cksumValid && path === file.name && size === file.size;
  } catch {
    return false;
  }
}

/**
 * Whether an index that is not ours may be believed: wds2idx is wrong about files that have more than one
 * header, and writes names that are not ASCII in its own way.
 */
async function isPlain(
  shard: string,
  stamp: FileStamp,
  lines: readonly IndexedFile[][],
): Promise<boolean> {
  let end = 0;
  for (const file of lines.flat()) {
    if (file.offset !== end + TAR_BLOCK || file.name.includes("\\")) return false;
    end = file.offset + Math.ceil(file.size / TAR_BLOCK) * TAR_BLOCK;
  }
  const last = lines.at(-1)?.at(-1);
  return last === undefined || (await hasHeader(shard, stamp, last));
}

/** The samples of a shard as its index has them; undefined where there is none that can be believed. */
export async function readIndex(
  shard: string,
  stamp: FileStamp,
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
    : (await stampOf(path)).modified >= stamp.modified;
  if (!isCurrent) return undefined;
  const parsed: IndexedFile[][] = [];
  for (const line of lines.slice(1, count + 1)) {
    const files = parseLine(line.trim(), stamp.size);
    if (files === undefined) return undefined;
    parsed.push(files);
  }
  if (!isOurs && !(await isPlain(shard, stamp, parsed))) return undefined;
  return parsed.map((files) => {
    const [{ name, extension }] = files as [IndexedFile];
    return { key: name.slice(0, -extension.length - 1), components: files };
  });
}

/** Words of a line are parted by blanks, so that a name must not have any. */
const hasNoBlanks = (name: string) => !/\s/.test(name);

/** Keeps an index where it can be written; where not, the shard is gone through again the next time. */
export async function writeIndex(
  shard: string,
  stamp: FileStamp,
  samples: readonly ShardSample[],
): Promise<void> {
  const isWritable = ({ key, components }: ShardSample) =>
    hasNoBlanks(key) && components.every(({ extension }) => hasNoBlanks(extension));
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
