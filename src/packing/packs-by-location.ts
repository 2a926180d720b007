import type { ServerSettings } from "../remote/remote-options.js";
import { locationKind, urlProblem } from "../shared/location.js";
import { outOfRange } from "../shared/validation.js";
import { folderPlace } from "../sources/packed/folder-place.js";
import type { PackPlace } from "../sources/packed/pack-place.js";
import { folderTarget } from "./folder-target.js";
import type { PackTarget } from "./pack-target.js";

const IN_BUCKET = /^s3:\/\/[\w.-]+(?:\/|$)/i;

/** Whether a set is in a bucket. @throws {RangeError} for a URL of anything else. */
function isInBucket(folder: string): boolean {
  if (locationKind(folder) !== "url") return false;
  if (IN_BUCKET.test(folder)) return true;
  throw outOfRange("folder", "the path of a folder, or s3://BUCKET/PREFIX", problemOf(folder));
}

/** What is wrong with the URL of a folder. */
function problemOf(url: string): string {
  if (/^s3:\/\//i.test(url)) return "a URL without the name of a bucket";
  const isOther = /^(?:https?|hf):\/\//i.test(url);
  return isOther ? "a URL of a server that packed sets are only read from" : urlProblem(url);
}

/** Where a set is to be written, by its path or URL. */
export async function packTarget(
  folder: string,
  given: ServerSettings & { readonly signal?: AbortSignal | undefined },
): Promise<PackTarget> {
  if (!isInBucket(folder)) return folderTarget(folder);
  const { bucketTarget } = await import("./bucket-target.js");
  return bucketTarget(folder, given, given.signal);
}

/**
 * Where a set is, by its path or URL.
 *
 * @param temporary folder for copies of its files. Default: one that is made when it is wanted.
 */
export async function packPlace(
  folder: string,
  given: ServerSettings,
  temporary?: string,
): Promise<PackPlace> {
  if (!isInBucket(folder)) return folderPlace(folder);
  const { bucketPlace } = await import("../sources/packed/bucket-place.js");
  return bucketPlace(folder, given, temporary);
}
