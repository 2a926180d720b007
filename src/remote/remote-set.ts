import type { FileVersion } from "../shared/file-version.js";
import type { SourceContext } from "../shared/sample-context.js";
import type { HeldCopy } from "./copy-links.js";
import { fetchFilesAhead } from "./fetch-ahead.js";
import type { RemoteFile } from "./remote-file.js";
import type { RemoteSettings } from "./remote-options.js";
import { workingSet } from "./working-set.js";

/** Bytes of a copy. */
export interface CopyRange {
  path: string;
  offset: number;
  length: number;
  version?: FileVersion;
}

/**
 * The files of a set that are elsewhere. They are read from copies of whole files; but where more of them are
 * read at the same time than the cache has room for, as in a full shuffle of a large set, parts of them are
 * asked for, if the server gives parts.
 */
export interface RemoteSet {
  /** Bytes of the file at a place. */
  read(place: number, offset: number, length: number, context?: SourceContext): Promise<Buffer>;
  /** An image in it: in its copy, which stays as long as the context wants to keep it, or its bytes. */
  image(
    place: number,
    offset: number,
    length: number,
    context?: SourceContext,
  ): Promise<CopyRange | Uint8Array>;
  /** Fetches the copies of the files at some places before they are read. */
  expect(places: readonly number[]): void;
}

/** A file of such a set. */
export interface PlaceInSet {
  readonly set: RemoteSet;
  readonly place: number;
}

/** How bytes of a copy are read. */
export type ReadCopy = (path: string, offset: number, length: number) => Promise<Buffer>;

/** How long a copy stays that nobody says to have read. */
const UNSAID_MS = 30_000;
/** Share of the cache that may be in use at the same time. */
const USED_SHARE = 0.5;

export function remoteSet(
  files: readonly RemoteFile[],
  { cacheBytes }: RemoteSettings,
  readCopy: ReadCopy,
): RemoteSet {
  const ahead = fetchFilesAhead(files, cacheBytes);
  const lately = workingSet(files.map(({ size }) => size ?? 0));
  /** Notes a read, and whether it is to be one of a part alone. */
  const isScattered = (place: number): boolean => {
    ahead.note(place);
    lately.note(place);
    return ahead.isOutOfOrder && lately.bytes > USED_SHARE * cacheBytes;
  };
  const hold = (place: number, context: SourceContext | undefined): Promise<HeldCopy> =>
    (files[place] as RemoteFile).hold(context?.signal);
  const readPart = (place: number, offset: number, length: number, context?: SourceContext) =>
    (files[place] as RemoteFile).read(offset, length, context?.signal);
  return {
    async read(place, offset, length, context) {
      if (isScattered(place)) return readPart(place, offset, length, context);
      const { path, release } = await hold(place, context);
      return readCopy(path, offset, length).finally(release);
    },
    async image(place, offset, length, context) {
      if (isScattered(place)) return readPart(place, offset, length, context);
      const { path, version, release } = await hold(place, context);
      if (context?.keep === undefined) setTimeout(release, UNSAID_MS).unref();
      else context.keep(release);
      return { path, offset, length, ...(version && { version }) };
    },
    expect: ahead.expect,
  };
}
