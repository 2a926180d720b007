import { constants } from "node:buffer";
import { stat } from "node:fs/promises";
import { PixtokError, type PixtokErrorCode } from "../shared/errors.js";
import { runtime } from "./runtime.js";

/**
 * Files as memory, for reading alone.
 *
 * V8 counts an array buffer as memory that it could free: each 64 MiB of them make it look through the whole heap. A set of 200 files of
 * 500 MB each did so 80 times, 0.2 seconds each with a heap of 400 MB. So files of a set lie in as few array buffers as there can
 * be, in addresses that are reserved for all of them.
 */

/** Of the 2^47 addresses that a program has on most machines. */
const MOST_ADDRESSES = Math.min(constants.MAX_LENGTH, 2 ** 42);

/** @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE, EMPTY_FILE, FILE_TOO_LARGE */
export function mapFile(path: string): Buffer {
  const mapped = runtime().addon.mapFile(path, constants.MAX_LENGTH);
  if ("bytes" in mapped) return Buffer.from(mapped.bytes);
  throw new PixtokError(mapped.code as PixtokErrorCode, mapped.message, { source: path });
}

/** Where a file goes. */
interface FilePlace {
  readonly group: FileGroup;
  readonly offset: number;
  readonly bytes: number;
}

/** Files that share an array buffer. */
interface FileGroup {
  bytes: number;
  /** Undefined before one of them is mapped; null where the system has no such addresses. */
  addresses: ArrayBuffer | null | undefined;
}

const emptyGroup = (): FileGroup => ({ bytes: 0, addresses: undefined });

/** Where files go, without a gap, which would be one more map; undefined for those that are mapped on their own. */
function placesOf(sizes: readonly number[], most: number): (FilePlace | undefined)[] {
  const pageBytes = runtime().addon.mapGranularity();
  let group = emptyGroup();
  return sizes.map((bytes) => {
    if (bytes === 0 || bytes > most) return undefined;
    if (group.bytes + bytes > most) group = emptyGroup();
    const place = { group, offset: group.bytes, bytes };
    group.bytes = Math.ceil((place.offset + bytes) / pageBytes) * pageBytes;
    return place;
  });
}

/** Bytes of each file; 0 of one that is not there, whose error is told where it is mapped. */
export function sizesOf(paths: readonly string[]): Promise<number[]> {
  const sizes = paths.map((path) =>
    stat(path).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return Promise.all(sizes);
}

/**
 * What maps the files of a set, each once, and for as long as one of them is in use. A file is mapped again only where nothing of it is
 * in use.
 *
 * @param sizes of the files in bytes. One that has another is mapped on its own.
 * @param most bytes of an array buffer.
 * @returns the file of a place; it throws as mapFile().
 */
export function fileMaps(
  sizes: readonly number[],
  most = MOST_ADDRESSES,
): (place: number, path: string) => Buffer {
  const places = placesOf(sizes, most);
  return (number, path) => {
    const place = places[number];
    if (place === undefined) return mapFile(path);
    const { group, offset, bytes } = place;
    const { addon } = runtime();
    if (group.addresses === undefined) {
      group.addresses = addon.reserveAddresses(Math.min(group.bytes, most)) ?? null;
    }
    const { addresses } = group;
    // one who has got it from us may have moved it elsewhere
    const isThere = addresses !== null && addresses.byteLength >= offset + bytes;
    const isMapped = isThere && addon.mapFileAt(addresses, offset, path, bytes) === null;
    return isMapped ? Buffer.from(addresses, offset, bytes) : mapFile(path);
  };
}
