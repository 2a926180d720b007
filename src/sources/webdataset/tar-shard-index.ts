import { stat, writeFile } from "node:fs/promises";
import { writeAtomically } from "../../shared/atomic-file.js";
import { type FileVersion, versionOf } from "../../shared/file-version.js";
import { readRegularFile } from "../../shared/regular-file.js";
import { bytesOfName, nameOfBytes } from "./name-bytes.js";
import { BLOCK_BYTES, paddedSize } from "./tar-entries.js";
import { collectEntries, type ShardEntries } from "./tar-shard-entries.js";

/**
 * The index of a shard, in the text format of DALI's wds2idx:
 *
 *     v1.2 <number of samples>
 *     <extension> <offset> <size> <name> <extension> …      a line for each sample
 *     # pixtok <size of the tar> <its time of change, ns>
 *
 * DALI reads no further than the number of lines says. The last line is ours: it tells which tar the
 * index is of, and that white space, "%" and what is not UTF-8 in names are written as in URLs.
 */
const VERSION = "v1.2";
const TRAILER = /^# pixtok (\d+) (\d+)$/;

const NEWLINE = 0x0a;

/** `shard.idx` for `shard.tar`. */
export function indexPath(shard: string): string {
  return `${shard.replace(/\.tar$/, "")}.idx`;
}

/** More samples than a shard of a terabyte has. */
export const MOST_INDEX_BYTES = 1 << 30;
/** In place of bytes that are not UTF-8, where others wrote a name. */
const REPLACEMENT = "\ufffd";

const percent = (text: string): string =>
  bytesOfName(text)
    .toString("hex")
    .replace(/../g, (byte) => `%${byte.toUpperCase()}`);

const escaped = (text: string): string => text.replace(/[\s%\ufffd\udc80-\udcff]/gu, percent);

function unescaped(text: string): string {
  const pieces = text.split(/%([0-9A-Fa-f]{2})/);
  return nameOfBytes(
    Buffer.concat(
      pieces.map((piece, i) => (i % 2 === 0 ? Buffer.from(piece) : Buffer.from(piece, "hex"))),
    ),
  );
}

interface IndexedEntry {
  name: string;
  offset: number;
  size: number;
}

function wholeNumber(field: string | undefined): number | undefined {
  return field !== undefined && /^\d+$/.test(field) ? Number(field) : undefined;
}

/** The entries of a line; undefined where it is not as it should be. */
function indexedEntries(line: string): IndexedEntry[] | undefined {
  const fields = line.split(" ");
  const entries: IndexedEntry[] = [];
  for (let i = 0; i < fields.length; i += 4) {
    const name = fields[i + 3];
    const offset = wholeNumber(fields[i + 1]);
    const size = wholeNumber(fields[i + 2]);
    if (offset === undefined || size === undefined || !name) return undefined;
    entries.push({ name, offset, size });
  }
  return entries;
}

/** Lines of a buffer: no string is as long as the file. */
function* linesOf(bytes: Buffer): Generator<string> {
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, at);
    yield bytes.toString("utf8", at, end === -1 ? bytes.length : end);
    at = end === -1 ? bytes.length : end + 1;
  }
}

/** A tar that an index may be of. */
export interface IndexedTar {
  readonly size: number;
  /** When it was changed; undefined for one elsewhere, which is a copy of what it was when it was indexed. */
  readonly modified: bigint | undefined;
  /** Bytes of it; as many as there are. */
  read(offset: number, length: number): Promise<Buffer>;
}

/** Names that are in a header as they are, however the tar was written. */
const WHOLE_NAME = /^[\x21-\x5b\x5d-\x7e]{1,99}$/;

/** Whether a block of a tar is the header of an entry of this name and size. */
export async function isHeaderOf(block: Buffer, name: string, size: number): Promise<boolean> {
  const { Header } = await import("tar");
  try {
    const header = new Header(block);
    const isNamed = !WHOLE_NAME.test(name) || header.path === name;
    return header.cksumValid && header.size === size && isNamed;
  } catch {
    return false;
  }
}

/**
 * The entries that an index has; undefined where it does not hold for the tar.
 *
 * One that is not ours is believed only where its entries follow each other with a single header between:
 * wds2idx takes the bytes of a file before pax headers to be where they are not. And the last must be
 * where it says, as in one of ours where nobody knows when the tar was changed. There an entry is held to its header when
 * it is read.
 *
 * @param isNewer whether the index is newer than the tar, where it does not say itself which tar it is of.
 */
export async function parseIndex(
  bytes: Buffer,
  tar: IndexedTar,
  isNewer: () => Promise<boolean>,
): Promise<ShardEntries | undefined> {
  try {
    const lines = linesOf(bytes);
    const [version, samples, ...more] = (lines.next().value ?? "").trim().split(" ");
    if (version !== VERSION || wholeNumber(samples) === undefined || more.length > 0)
      return undefined;
    const lastLine = bytes.toString("utf8", bytes.lastIndexOf(NEWLINE, -2) + 1).trimEnd();
    const [, size, modified] = TRAILER.exec(lastLine) ?? [];
    const ours = size !== undefined && modified !== undefined;
    const isSame = () =>
      Number(size) === tar.size &&
      (tar.modified === undefined || BigInt(modified as string) === tar.modified);
    if (!(ours ? isSame() : await isNewer())) return undefined;

    const collector = collectEntries();
    let end = 0;
    let last: IndexedEntry | undefined;
    let lastName = "";
    for (let sample = 0; sample < Number(samples); sample += 1) {
      const entries = indexedEntries(lines.next().value ?? "");
      if (entries === undefined) return undefined;
      for (const entry of entries) {
        if (entry.offset + entry.size > tar.size) return undefined;
        // tar lists names that are not ASCII with backslashes
        const plain = entry.offset === end + BLOCK_BYTES && !entry.name.includes("\\");
        if (!ours && !plain) return undefined;
        if (entry.name.includes(REPLACEMENT)) return undefined;
        const name = ours && entry.name.includes("%") ? unescaped(entry.name) : entry.name;
        collector.add(name, entry.offset, entry.size);
        end = entry.offset + paddedSize(entry.size);
        last = entry;
        lastName = name;
      }
    }
    if (last === undefined) return undefined;
    const isKnown = ours && tar.modified !== undefined;
    const header = isKnown ? undefined : await tar.read(last.offset - BLOCK_BYTES, BLOCK_BYTES);
    if (header && !(await isHeaderOf(header, lastName, last.size))) return undefined;
    return collector.finished();
  } catch {
    return undefined; // what cannot be read is made anew
  }
}

/** The entries that the index beside a shard has; undefined where there is none that holds for the tar. */
export async function readIndex(
  shard: string,
  tar: IndexedTar & FileVersion,
): Promise<ShardEntries | undefined> {
  const path = indexPath(shard);
  const bytes = await readRegularFile(path, MOST_INDEX_BYTES).catch(() => undefined);
  const isNewer = async () =>
    versionOf(await stat(path, { bigint: true })).modified >= tar.modified;
  return bytes && parseIndex(bytes, tar, isNewer);
}

/** The index of a tar of whose entries none is missing. */
export function indexText(version: FileVersion, entries: ShardEntries): string {
  const lines = [`${VERSION} ${entries.samples}`];
  for (let sample = 0; sample < entries.samples; sample += 1) {
    const fields: string[] = [];
    for (let entry = entries.first(sample); entry < entries.first(sample + 1); entry += 1) {
      const name = escaped(entries.name(entry));
      const extension = name.slice(name.indexOf(".", name.lastIndexOf("/") + 1) + 1);
      fields.push(`${extension} ${entries.offset(entry)} ${entries.size(entry)} ${name}`);
    }
    lines.push(fields.join(" "));
  }
  lines.push(`# pixtok ${version.size} ${version.modified}`, "");
  return lines.join("\n");
}

/** Keeps an index beside the shard. A folder that cannot be written to is no error. */
export async function writeIndex(
  shard: string,
  version: FileVersion,
  entries: ShardEntries,
): Promise<void> {
  const content = indexText(version, entries);
  await writeAtomically(indexPath(shard), (temporary) => writeFile(temporary, content)).catch(
    () => {},
  );
}
