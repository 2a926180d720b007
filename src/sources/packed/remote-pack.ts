import { copyFolder } from "../../remote/copy-folder.js";
import { fetchFilesAhead } from "../../remote/fetch-ahead.js";
import { readSmallFile } from "../../remote/read-small-file.js";
import type { RemoteFile } from "../../remote/remote-file.js";
import { folderOfUrl, nameInUrl, shownUrl, urlWithin } from "../../remote/remote-location.js";
import { type RemoteSettings, remoteReaders } from "../../remote/remote-options.js";
import { PixtokError } from "../../shared/errors.js";
import { findSpan } from "../../shared/find-span.js";
import { MAX_MODEL_FILE_BYTES } from "../../shared/limits.js";
import { readOptions } from "../../shared/options.js";
import type { SourceContext } from "../../shared/sample-context.js";
import { renamed } from "../copied-file.js";
import type { PackedSource } from "./is-packed.js";
import { headBytes, MOST_SCHEMA_BYTES } from "./message-list.js";
import { invalidPack, parsePackedFileName } from "./pack-format.js";
import { requireSame } from "./pack-match.js";
import { openPackedFile, type PackedFile, readPackedFile, readPackedHead } from "./packed-file.js";
import { requireComplete, requireHeap } from "./packed-folder.js";
import type { PackedRows } from "./packed-rows.js";
import { packedReaders, packedSource } from "./packed-source.js";

type PackedHead = Pick<PackedFile, "messages" | "metadata">;

/** Schemas that are fetched at the same time. */
const OPENED_AT_ONCE = 16;

/** As much of a file as most schemas have. */
const FIRST_BYTES = 2 ** 16;

/** Share of the cache that open files may have. */
const OPEN_SHARE = 0.5;

/** What a file says of itself, of which its beginning is fetched where its server gives parts. */
async function readHead(file: RemoteFile): Promise<PackedHead> {
  const { name, size = await sizeOfCopy(file) } = file;
  const first = await file.read(0, Math.min(size, FIRST_BYTES));
  const length = headBytes(first);
  if (length > Math.min(size, MOST_SCHEMA_BYTES)) return readPackedHead(name, first);
  const schema = length <= first.length ? first.subarray(0, length) : await file.read(0, length);
  const head = readPackedHead(name, schema);
  const bytes = head.messages.reduce((sum, message) => sum + message.bytes, 0);
  if (size >= bytes) return head;
  throw invalidPack(name, `it ends early: it should have ${bytes} bytes, and has ${size}`);
}

async function sizeOfCopy(file: RemoteFile): Promise<number> {
  const { bytes, release } = await file.hold();
  release();
  return bytes;
}

/** A file that is open. */
interface OpenFile {
  readonly rows: readonly PackedRows[];
  /** Bytes of its copy that is held; 0 where it is not held any more, and may be removed while rows are in memory. */
  held: number;
  readonly release: () => void;
}

/** Files that have been opened, those that were used longest ago closed where they are too many. */
function openedFiles(
  files: readonly RemoteFile[],
  heads: readonly PackedHead[],
  { cacheBytes }: RemoteSettings,
) {
  const ahead = fetchFilesAhead(files, cacheBytes);
  /** Used last at the end. */
  const opened = new Map<number, OpenFile>();
  let heldBytes = 0;
  const readRows = (path: string, place: number): readonly PackedRows[] => {
    const { name } = files[place] as RemoteFile;
    try {
      const file = openPackedFile(path);
      requireSame(name, { messages: file.messages }, { messages: heads[place]?.messages });
      return readPackedFile(file);
    } catch (error) {
      throw renamed(error, path, name);
    }
  };
  /** Rows that somebody still has stay in memory. The last file stays open, but has no right to its room. */
  const letGo = () => {
    for (const [place, file] of opened) {
      if (heldBytes <= OPEN_SHARE * cacheBytes) return;
      if (opened.size > 1) opened.delete(place);
      if (file.held > 0) file.release();
      heldBytes -= file.held;
      file.held = 0;
    }
  };
  const open = async (place: number, context: SourceContext | undefined) => {
    const { path, bytes, release } = await (files[place] as RemoteFile).hold(context?.signal);
    const other = opened.get(place);
    if (other !== undefined) {
      release();
      return other.rows;
    }
    try {
      const rows = readRows(path, place);
      opened.set(place, { rows, held: bytes, release });
      heldBytes += bytes;
      letGo();
      return rows;
    } catch (error) {
      release();
      throw error;
    }
  };
  return {
    expect: ahead.expect,
    rowsOf(
      place: number,
      context: SourceContext | undefined,
    ): readonly PackedRows[] | Promise<readonly PackedRows[]> {
      ahead.note(place);
      const found = opened.get(place);
      if (found === undefined) return open(place, context);
      opened.delete(place);
      opened.set(place, found);
      return found.rows;
    },
  };
}

/** Of a tokenizer, beside the files. */
const TOKENIZER_FILES = ["tokenizer.json", "tokenizer_config.json"];

/** A folder here with the set's tokenizer. */
async function tokenizerFolder(
  found: readonly RemoteFile[],
  url: string,
  settings: RemoteSettings,
): Promise<string> {
  const files = new Map<string, RemoteFile | Uint8Array>();
  for (const name of TOKENIZER_FILES) {
    const listed = found.find((file) => nameInUrl(file.url) === name);
    if (listed !== undefined) {
      files.set(name, listed);
      continue;
    }
    const place = urlWithin(url, name);
    const bytes = await readSmallFile(place, MAX_MODEL_FILE_BYTES, settings).catch((error) => {
      if (error instanceof PixtokError && /^REMOTE_(NOT_FOUND|REFUSED)$/.test(error.code)) return;
      throw error;
    });
    if (bytes !== undefined) files.set(name, bytes);
  }
  return copyFolder(files, settings);
}

/**
 * A packed set that is elsewhere. Of each file the schema is fetched, and the whole of it, into the cache, when a row of
 * it is asked for.
 *
 * @param found the packed files, and what has been listed beside them.
 * @throws {PixtokError} as openPackedSource(), and those of servers.
 */
export async function openRemotePack(
  found: readonly RemoteFile[],
  options: object,
): Promise<PackedSource> {
  const given = readOptions("openPackedSource", options, { ...packedReaders, ...remoteReaders });
  const packed = found
    .flatMap((file) => {
      const place = parsePackedFileName(nameInUrl(file.url));
      return place === undefined ? [] : [{ file, ...place }];
    })
    .sort((a, b) => a.shard - b.shard);
  const url = folderOfUrl(packed[0]?.file.url ?? "");
  const folder = shownUrl(url);
  requireComplete(folder, packed);
  const files = packed.map(({ file }) => file);
  const heads: PackedHead[] = [];
  for (let first = 0; first < files.length; first += OPENED_AT_ONCE) {
    heads.push(...(await Promise.all(files.slice(first, first + OPENED_AT_ONCE).map(readHead))));
  }
  const { config } = (heads[0] as PackedHead).metadata;
  for (const [place, { metadata }] of heads.entries()) {
    requireSame((files[place] as RemoteFile).name, config, metadata.config);
  }
  const messageEnds: number[] = [];
  let messages = 0;
  for (const head of heads) {
    messages += head.messages.length - 1;
    messageEnds.push(messages);
  }
  requireHeap(folder, messages, config.columns.length);
  const { rowsOf, expect } = openedFiles(files, heads, given);
  return packedSource(
    {
      folder,
      tokenizerFolder:
        config.tokenizer === null ? folder : await tokenizerFolder(found, url, given),
      files: heads,
      readAhead: expect,
      messageAt(message, context) {
        const { span, indexInSpan } = findSpan(messageEnds, message);
        const rows = rowsOf(span, context);
        const at = (all: readonly PackedRows[]) => all[indexInSpan] as PackedRows;
        return rows instanceof Promise ? rows.then(at) : at(rows);
      },
    },
    given,
  );
}
