import type { RemoteFile } from "../../remote/remote-file.js";
import { remoteNeighbour } from "../../remote/remote-neighbour.js";
import type { RemoteSettings } from "../../remote/remote-options.js";
import { PixtokError } from "../../shared/errors.js";
import type { FileVersion } from "../../shared/file-version.js";
import { type Shard, walkShard } from "./tar-shard.js";
import type { ShardEntries } from "./tar-shard-entries.js";
import { indexText, isHeaderOf, MOST_INDEX_BYTES, parseIndex } from "./tar-shard-index.js";

/** What an index is kept as, beside the copy of its shard: one that was made of the shard itself, and one from beside it. */
const NOTE = "index";
const NOTE_OF_BESIDE = "index-beside";

/** A shard that is elsewhere. */
export interface RemoteShard extends Shard {
  /**
   * Holds an entry to its header, 512 bytes before it. Undefined where the shard itself was walked, and not only an index from
   * beside it read: of two remote files nobody knows whether one was made of the other.
   *
   * @throws {PixtokError} SOURCE_CHANGED
   */
  readonly requireHeader?: (block: Buffer, entry: number) => Promise<void>;
}

/** Only the checks of an index itself are left where nobody knows which of two remote files is newer. */
const isNewer = async () => true;

/** By the index that is kept, or else by the one beside the shard. */
async function indexed(
  file: RemoteFile,
  version: FileVersion,
  settings: RemoteSettings,
): Promise<RemoteShard | undefined> {
  const read = (offset: number, length: number) => file.read(offset, length);
  const shard = (entries: ShardEntries) => ({
    path: file.name,
    version,
    entries,
    fault: undefined,
  });
  const ofNote = async (name: string) => {
    const note = await file.readNote(name);
    return note && parseIndex(note, { ...version, read }, isNewer);
  };
  const own = await ofNote(NOTE);
  if (own !== undefined) return shard(own);
  if (await file.isCached()) return undefined;
  const kept = await ofNote(NOTE_OF_BESIDE);
  if (kept !== undefined) return heldToHeaders(file, shard(kept));
  const beside = await remoteNeighbour(file, /\.tar$/, ".idx", MOST_INDEX_BYTES, settings);
  const tar = { size: version.size, modified: undefined, read };
  const found = beside && (await parseIndex(beside, tar, isNewer));
  if (found === undefined) return undefined;
  await keep(file, NOTE_OF_BESIDE, version, found);
  return heldToHeaders(file, shard(found));
}

function heldToHeaders(file: RemoteFile, shard: Shard): RemoteShard {
  const { entries, path } = shard;
  return {
    ...shard,
    async requireHeader(block, entry) {
      const name = entries.name(entry);
      if (await isHeaderOf(block, name, entries.size(entry))) return;
      // the next opening is to look at what is beside it then
      await file.writeNote(NOTE_OF_BESIDE, Buffer.alloc(0));
      throw new PixtokError(
        "SOURCE_CHANGED",
        `${name} is not where the index beside the shard says; remove that .idx, or write it anew`,
        { source: path },
      );
    },
  };
}

function keep(
  file: RemoteFile,
  note: string,
  version: FileVersion,
  entries: ShardEntries,
): Promise<void> {
  return file.writeNote(note, Buffer.from(indexText(version, entries)));
}

/**
 * A shard that is elsewhere. It is not fetched where an index says what is in it: one that was kept here, or
 * one beside it.
 */
export async function openRemoteShard(
  file: RemoteFile,
  settings: RemoteSettings,
): Promise<RemoteShard> {
  const { name: path, size, modified } = file;
  if (size !== undefined) {
    const version = { size, modified: BigInt(modified) * 1_000_000_000n };
    const shard = await indexed(file, version, settings);
    if (shard !== undefined) return shard;
  }
  const copy = await file.hold();
  try {
    const shard = await walkShard(copy.path, path);
    if (shard.fault === undefined && shard.entries.samples > 0) {
      await keep(file, NOTE, shard.version, shard.entries);
    }
    return shard;
  } finally {
    copy.release();
  }
}
