import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fetchCopy } from "../../remote/fetch-copy.js";
import { readSmallFile } from "../../remote/read-small-file.js";
import { readSpan } from "../../remote/read-span.js";
import { remoteLocation, shownUrl, urlWithin } from "../../remote/remote-location.js";
import type { ServerSettings } from "../../remote/remote-options.js";
import { requestFacts, requestFile } from "../../remote/remote-request.js";
import { withRetries } from "../../remote/remote-retries.js";
import { stayAlive } from "../../remote/stay-alive.js";
import { neverAborted } from "../../shared/abort.js";
import { PixtokError } from "../../shared/errors.js";
import { MAX_MODEL_FILE_BYTES } from "../../shared/limits.js";
import { writing } from "../../shared/unwritable-file.js";
import { INDEX_NAME, parsePackedFileName } from "./pack-format.js";
import { type PackIndex, readIndexBytes } from "./pack-index.js";
import type { NamedFile, PackPlace } from "./pack-place.js";
import { packedEnds } from "./packed-ends.js";
import { withPackedFile } from "./packed-file.js";

/** As much of a file as most schemas have. */
const FIRST_BYTES = 2 ** 16;

/** Reads parts of an object, and its beginning once. */
function partsOf(
  url: string,
  size: number,
  validator: string | undefined,
  settings: ServerSettings,
): (position: number, length: number) => Promise<Buffer> {
  const read = (first: number, end: number) =>
    readSpan(url, { validator }, first, Math.max(0, Math.min(end, size) - first), settings);
  let beginning: Promise<Buffer> | undefined;
  return async (position, length) => {
    const end = position + length;
    if (end > FIRST_BYTES) return read(position, end);
    beginning ??= read(0, FIRST_BYTES);
    return (await beginning).subarray(position, end);
  };
}

/**
 * A packed set that is in a bucket, or is to be. Nothing of it is cached: what is asked for is what is there now.
 *
 * @param url s3://BUCKET/PREFIX
 * @param temporary folder for copies of files, one at a time, that are read whole. Default: one that is made for each.
 */
export function bucketPlace(url: string, settings: ServerSettings, temporary?: string): PackPlace {
  const folder = url.replace(/\/+$/, "");
  const urlOf = (file: string) => urlWithin(folder, file);
  const pathOf = (file: string) => shownUrl(urlOf(file));
  const again = <T>(ask: () => Promise<T>) =>
    stayAlive(withRetries(settings.remoteRetries, neverAborted, ask));

  const packedFiles = async (): Promise<NamedFile[]> => {
    const { s3List } = await import("../../remote/s3.js");
    const location = remoteLocation(urlOf("data-"));
    if (location.kind !== "s3") throw new TypeError("the set is in no bucket");
    const start = location.path.length - "data-".length;
    const listed = await again(() => s3List(shownUrl(folder), location, settings, neverAborted));
    return listed
      .flatMap(({ path, size, validator }) => {
        const name = path.slice(start);
        const place = parsePackedFileName(name);
        if (place === undefined) return [];
        return [
          {
            ...{ name, ...place },
            ...(size !== undefined && { size }),
            ...(validator !== undefined && { validator }),
          },
        ];
      })
      .sort((a, b) => a.shard - b.shard);
  };

  const index = async (): Promise<PackIndex | undefined> => {
    try {
      const bytes = await readSmallFile(urlOf(INDEX_NAME), MAX_MODEL_FILE_BYTES, settings);
      return readIndexBytes(shownUrl(folder), bytes);
    } catch (error) {
      if (error instanceof PixtokError && error.code === "REMOTE_NOT_FOUND") return undefined;
      throw error;
    }
  };

  const ends: PackPlace["ends"] = async ({ name, size, validator }) => {
    const own = urlOf(name);
    const facts =
      size === undefined
        ? await again(() => requestFacts(own, settings, neverAborted))
        : { size, validator };
    const bytes = facts.size ?? 0;
    return packedEnds(pathOf(name), bytes, partsOf(own, bytes, facts.validator, settings));
  };

  const fetch = async ({ name, size, validator }: NamedFile, path: string): Promise<void> => {
    const own = urlOf(name);
    const file = {
      ...{ size, validator, checksum: undefined, source: pathOf(name), signal: neverAborted },
      ...{ retries: settings.remoteRetries, timeoutSeconds: settings.timeoutSeconds },
    };
    const request = (span: Parameters<typeof requestFile>[1], signal: AbortSignal) =>
      requestFile(own, span, settings, signal);
    await stayAlive(fetchCopy({ ...file, request }, path, async () => {}));
  };

  return {
    name: shownUrl(folder),
    pathOf,
    packedFiles,
    async *eachFile() {
      yield* await packedFiles();
    },
    ends,
    index,
    indexHead: index,
    text: async (file) =>
      (await readSmallFile(urlOf(file), MAX_MODEL_FILE_BYTES, settings)).toString("utf8"),
    heads: ends,
    opened: (file, work) =>
      writing(temporary ?? tmpdir(), async () => {
        const own = await mkdtemp(join(temporary ?? tmpdir(), "pixtok-verify-"));
        try {
          const path = join(own, file.name);
          await fetch(file, path);
          return await withPackedFile(path, work);
        } finally {
          await rm(own, { recursive: true, force: true });
        }
      }),
  };
}
