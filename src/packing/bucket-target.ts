import { urlWithin } from "../remote/remote-location.js";
import type { ServerSettings } from "../remote/remote-options.js";
import { isUnauthorized, type PutCondition, s3Delete, s3Has, s3Put } from "../remote/s3-write.js";
import { neverAborted } from "../shared/abort.js";
import { bucketPlace } from "../sources/packed/bucket-place.js";
import { bucketClaims, bucketOf } from "./bucket-claims.js";
import { bucketFile } from "./bucket-file.js";
import type { PackTarget } from "./pack-target.js";

/**
 * A bucket below a prefix.
 *
 * @param url s3://BUCKET/PREFIX
 * @param signal ends uploads.
 */
export function bucketTarget(
  url: string,
  settings: ServerSettings,
  signal: AbortSignal = neverAborted,
): PackTarget {
  const place = bucketPlace(url, settings);
  const { pathOf } = place;
  const folder = url.replace(/\/+$/, "");
  const placeOf = (file: string) => bucketOf(urlWithin(folder, file));
  const put = (file: string, content: string | Uint8Array, condition: PutCondition) =>
    s3Put(pathOf(file), placeOf(file), Buffer.from(content), condition, settings, signal);
  return {
    ...place,
    claims: bucketClaims(folder, settings),
    prepare: async () => {},
    has: (file) => s3Has(pathOf(file), placeOf(file), settings, neverAborted),
    async save(file, content) {
      await put(file, content, undefined);
    },
    saveNew: async (file, content) => (await put(file, content, { isAbsent: true })) !== undefined,
    remove: (file) => s3Delete(pathOf(file), placeOf(file), settings, neverAborted),
    newFile: (file) => bucketFile(place, file, placeOf(file), settings, signal),
    // an upload that was not finished is no object
    unfinished: async () => [],
    stamps: async (found) => found.map(({ validator, size }) => `${validator} ${size}`),
    isReadOnly: (error, anew) => !anew && isUnauthorized(error),
  };
}
