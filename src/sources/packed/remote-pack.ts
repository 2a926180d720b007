import { copyFolder } from "../../remote/copy-folder.js";
import { readSmallFile } from "../../remote/read-small-file.js";
import type { RemoteFile } from "../../remote/remote-file.js";
import { folderOfUrl, nameInUrl, shownUrl, urlWithin } from "../../remote/remote-location.js";
import { type RemoteSettings, remoteReaders } from "../../remote/remote-options.js";
import { PixtokError } from "../../shared/errors.js";
import { findSpan } from "../../shared/find-span.js";
import { MAX_MODEL_FILE_BYTES } from "../../shared/limits.js";
import { readOptions } from "../../shared/options.js";
import { mappedCopies } from "../mapped-copies.js";
import { makeFingerprint } from "../pair-source.js";
import { endsOf, type FileRows, fileRows, rowOfFile } from "./file-rows.js";
import type { PackedSource } from "./is-packed.js";
import {
  INDEX_NAME,
  invalidPack,
  modelFilesOf,
  type PackedPlace,
  parsePackedFileName,
} from "./pack-format.js";
import { type PackIndex, readIndexBytes } from "./pack-index.js";
import { requireSame } from "./pack-match.js";
import { announcedOf, requireWhole, upToVersion, versionsOf } from "./pack-versions.js";
import { openPackedFile, type PackedHead, readPackedFile, readPackedHead } from "./packed-file.js";
import { checksumsOf, columnsOf, requireHeap, rowsOfHead, sameSet } from "./packed-folder.js";
import { packedReaders, packedSource } from "./packed-source.js";
import { remoteSchema, sizeOfCopy } from "./remote-schema.js";

/** Schemas that are fetched at the same time. */
const OPENED_AT_ONCE = 16;

/** What a file says of itself. Its beginning alone is fetched where its server gives parts. */
async function readHead(file: RemoteFile): Promise<PackedHead> {
  const { name, size = await sizeOfCopy(file) } = file;
  const head = readPackedHead(name, await remoteSchema(file, size));
  const bytes = head.messages.reduce((sum, message) => sum + message.bytes, 0);
  if (size >= bytes) return head;
  throw invalidPack(name, `it ends early: it should have ${bytes} bytes, and has ${size}`);
}

/** What is read of a file; undefined where there is none. A store that may not be listed refuses what it does not have. */
const whereThere = (bytes: Promise<Buffer>): Promise<Buffer | undefined> =>
  bytes.catch((error: unknown) => {
    const isAway = error instanceof PixtokError && /^REMOTE_(NOT_FOUND|REFUSED)$/.test(error.code);
    if (isAway) return undefined;
    throw error;
  });

/** A folder here with the set's tokenizer, and what else there is of a model. */
async function tokenizerFolder(
  found: readonly RemoteFile[],
  url: string,
  names: readonly string[],
  settings: RemoteSettings,
): Promise<string> {
  const files = new Map<string, RemoteFile | Uint8Array>();
  for (const name of names) {
    const listed = found.find((file) => nameInUrl(file.url) === name);
    if (listed !== undefined) {
      files.set(name, listed);
      continue;
    }
    const place = urlWithin(url, name);
    const bytes = await whereThere(readSmallFile(place, MAX_MODEL_FILE_BYTES, settings));
    if (bytes !== undefined) files.set(name, bytes);
  }
  return copyFolder(files, settings);
}

/** The index of a set that is elsewhere; undefined where there is none. */
async function remoteIndex(url: string, settings: RemoteSettings): Promise<PackIndex | undefined> {
  const place = urlWithin(url, INDEX_NAME);
  const bytes = await whereThere(readSmallFile(place, MAX_MODEL_FILE_BYTES, settings));
  return bytes && readIndexBytes(shownUrl(url), bytes);
}

/**
 * Files of a set that is elsewhere, up to a version. The index says which there are: files of another may have been copied before all of
 * them were there. Where it cannot be read, all files have to be there.
 *
 * @throws {RangeError} where there is no such version.
 * @throws {PixtokError} as requireWhole(), and those of the server.
 */
async function filesOfVersion<F extends PackedPlace>(
  url: string,
  packed: readonly F[],
  version: number | undefined,
  settings: RemoteSettings,
): Promise<F[]> {
  const folder = shownUrl(url);
  const index = await remoteIndex(url, settings);
  const versions = upToVersion(announcedOf(versionsOf(folder, packed, index?.versions)), version);
  requireWhole(folder, versions);
  return versions.flatMap(({ found }) => found);
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
  const [first = found[0] as RemoteFile] = packed.map(({ file }) => file);
  const url = folderOfUrl(first.url);
  const folder = shownUrl(url);
  const chosen = await filesOfVersion(url, packed, given.version, given);
  const files = chosen.map(({ file }) => file);
  const heads: PackedHead[] = [];
  for (let first = 0; first < files.length; first += OPENED_AT_ONCE) {
    heads.push(...(await Promise.all(files.slice(first, first + OPENED_AT_ONCE).map(readHead))));
  }
  const { config } = (heads[0] as PackedHead).metadata;
  const requireSameSet = sameSet();
  for (const [place, { metadata }] of heads.entries()) {
    requireSameSet((files[place] as RemoteFile).name, metadata);
  }
  const messages = heads.reduce((sum, head) => sum + head.messages.length - 1, 0);
  requireHeap(folder, messages, columnsOf(config));
  const copies = mappedCopies(files, given, (path, place): FileRows => {
    const file = openPackedFile(path);
    requireSame(path, { messages: file.messages }, { messages: heads[place]?.messages });
    return fileRows(readPackedFile(file));
  });
  const rows = heads.map(rowsOfHead);
  const ends = endsOf(rows);
  return packedSource(
    {
      folder,
      tokenizerFolder:
        config.tokenizer === null
          ? folder
          : await tokenizerFolder(found, url, modelFilesOf(config), given),
      config,
      fingerprint: makeFingerprint(checksumsOf(heads)),
      rows,
      readAhead: copies.expect,
      readRow(index, context, read) {
        const { span, indexInSpan } = findSpan(ends, index);
        const file = copies.at(span, context);
        return file instanceof Promise
          ? file.then((found) => read(rowOfFile(found, indexInSpan)))
          : read(rowOfFile(file, indexInSpan));
      },
    },
    given,
  );
}
