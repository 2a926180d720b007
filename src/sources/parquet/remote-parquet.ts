import { stat } from "node:fs/promises";
import type { RemoteFile } from "../../remote/remote-file.js";
import { folderOfUrl } from "../../remote/remote-location.js";
import type { RemoteSettings } from "../../remote/remote-options.js";
import { remoteSet } from "../../remote/remote-set.js";
import type { OpenFiles } from "../open-files.js";
import { metadataOf, notAsOpened, type ParquetFile } from "./parquet-file.js";

/**
 * Parquet files that are elsewhere. Of each the footer is fetched when it is read, where its server gives parts, and all
 * of it when something in it is asked for.
 */
export function openRemoteParquet(
  files: readonly RemoteFile[],
  descriptors: OpenFiles,
  settings: RemoteSettings,
): (file: RemoteFile) => Promise<ParquetFile> {
  const readCopy = async (path: string, offset: number, length: number) => {
    const { bytes } = await descriptors.read(path, offset, length);
    if (bytes.length < length) throw notAsOpened("the file ends before it should");
    return bytes;
  };
  const set = remoteSet(files, settings, readCopy);
  const places = new Map(files.map((file, place) => [file, place]));
  return async (file) => {
    const { name: path, url, key, validator } = file;
    const place = places.get(file) as number;
    const size = file.size ?? (await sizeOfCopy(file));
    const read = (offset: number, length: number) => set.read(place, offset, length);
    const readPart = (offset: number, length: number) => file.read(offset, length);
    return {
      path,
      folder: folderOfUrl(url),
      size,
      version: validator === undefined ? undefined : key,
      read,
      metadata: () => metadataOf(path, size, readPart),
      endsAs: async () => true, // a server says itself which version it is
      remote: { set, place },
    };
  };
}

async function sizeOfCopy(file: RemoteFile): Promise<number> {
  const copy = await file.hold();
  return (await stat(copy.path).finally(copy.release)).size;
}
