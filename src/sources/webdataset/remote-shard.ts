import type { RemoteFile } from "../../remote/remote-file.js";
import { remoteNeighbour } from "../../remote/remote-neighbour.js";
import type { RemoteSettings } from "../../remote/remote-options.js";
import type { FileVersion } from "../file-version.js";
import { type Shard, walkShard } from "./tar-shard.js";
import type { ShardEntries } from "./tar-shard-entries.js";
import { indexText, MOST_INDEX_BYTES, parseIndex } from "./tar-shard-index.js";

/** What an index is kept as, beside the copy of its shard. */
const NOTE = "index";

/** Only the checks of an index itself are left where nobody knows which of two remote files is newer. */
const isNewer = async () => true;

/** By the index that is kept, or else by the one beside the shard. */
async function indexed(
  file: RemoteFile,
  version: FileVersion,
  settings: RemoteSettings,
): Promise<ShardEntries | undefined> {
  const read = (offset: number, length: number) => file.read(offset, length);
  const kept = await file.readNote(NOTE);
  const entries = kept && (await parseIndex(kept, { ...version, read }, isNewer));
  if (entries !== undefined || (await file.isCached())) return entries;
  const beside = await remoteNeighbour(file, /\.tar$/, ".idx", MOST_INDEX_BYTES, settings);
  const tar = { size: version.size, modified: undefined, read };
  const found = beside && (await parseIndex(beside, tar, isNewer));
  if (found !== undefined) await keep(file, version, found);
  return found;
}

function keep(file: RemoteFile, version: FileVersion, entries: ShardEntries): Promise<void> {
  return file.writeNote(NOTE, Buffer.from(indexText(version, entries)));
}

/**
 * A shard that is elsewhere. It is not fetched where an index says what is in it: one that was kept here, or
 * one beside it.
 */
export async function openRemoteShard(file: RemoteFile, settings: RemoteSettings): Promise<Shard> {
  const { name: path, size, modified } = file;
  if (size !== undefined) {
    const version = { size, modified: BigInt(modified) * 1_000_000_000n };
    const entries = await indexed(file, version, settings);
    if (entries !== undefined) return { path, version, entries, fault: undefined };
  }
  const copy = await file.hold();
  try {
    const shard = await walkShard(copy.path, path);
    if (shard.fault === undefined && shard.entries.samples > 0) {
      await keep(file, shard.version, shard.entries);
    }
    return shard;
  } finally {
    copy.release();
  }
}
