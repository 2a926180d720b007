import type { AnyDataset } from "../dataset/dataset.js";
import { type Attestation, attestLock } from "../lock/attest-lock.js";
import { type ServerOptions, serverReaders } from "../remote/remote-options.js";
import { readOptions } from "../shared/options.js";
import { requireInteger, requireString } from "../shared/validation.js";
import { openPackLock } from "./open-pack-lock.js";
import type { PackResult } from "./pack-dataset.js";
import type { PackDatasetOptions } from "./pack-options.js";
import type { PackReport, VerifyPackOptions } from "./pack-report.js";

// Arrow is only loaded when it is needed.

const FOLDER_OR_URL = "the path of a folder, or s3://BUCKET/PREFIX";

/**
 * Writes a dataset's images, resized, its tokens (of texts or conversations) and its columns into a folder, as Arrow files that
 * `MultimodalDataset.from(folder)` opens and that Python reads as they are.
 *
 * Files appear one after the other, each of them whole. After an interruption the same call goes on behind
 * the last one. The files are claimed while it is at work, so that several processes may pack parts of one
 * set at once. The folder may be one in a bucket, s3://BUCKET/PREFIX, where each file is uploaded when it is
 * whole. With `append`, the rows become a new version of a set that is there: files of others stay as they
 * are, and who has opened one goes on with it.
 *
 * @throws {TypeError | RangeError} for options that do not exist or have no possible value, and for a
 *   dataset that has augmentation, images of different sizes or is packed already.
 * @throws {PixtokError} the first pair that cannot be read; a fault of the machine that stays; FILE_UNWRITABLE;
 *   PACK_MISMATCH where the folder holds a pack of other data or options, or another process has begun one;
 *   PACK_IN_USE where another process packs some of the same files, or appends other rows; REMOTE_REFUSED, REMOTE_NOT_FOUND and
 *   REMOTE_UNREACHABLE for a bucket; OPTIONAL_PACKAGE_NOT_FOUND without its client. With `append` also NOT_A_PACK,
 *   INCOMPLETE_PACK where the set lacks files that it had, and PACK_MISMATCH where others have begun to append rows and did not finish.
 */
export async function packDataset(
  dataset: AnyDataset,
  folder: string,
  options: PackDatasetOptions = {},
): Promise<PackResult> {
  const { writePack } = await import("./pack-dataset.js");
  return writePack(dataset, folder, options);
}

/**
 * Reads every byte of a packed set, in a folder or at s3://BUCKET/PREFIX, and compares it with the checksums in
 * its files. Files must be of one configuration, have no more rows than pairs, and have been packed with the
 * lock that is beside them.
 *
 * @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE where there is no such folder; a fault of the machine that may
 *   pass, such as STORAGE_FAILED; those of a bucket's server; everything else that is wrong is in the report.
 */
export async function verifyPack(
  folder: string,
  options: VerifyPackOptions = {},
): Promise<PackReport> {
  requireString("folder", folder, FOLDER_OR_URL);
  const { checkPack } = await import("./verify-pack.js");
  return checkPack(folder, options);
}

/**
 * Parts of a packed set that have files which are not there, from 0: those to pack again. They are told by the set's index and the names
 * of its files, without a look into these; where there is no index, into one of each version that is not whole. Parts are those of the
 * first version that is not whole, which `verifyPack` names; where there is nothing yet, all are missing. Rows of an append that
 * failed before its first file are not known of.
 *
 * @param of number of parts that the set is packed in, from 1 to 2^24.
 * @throws {TypeError | RangeError} for what is no number of parts.
 * @throws {PixtokError} FILE_NOT_FOUND, FILE_UNREADABLE where there is no such folder; a fault of the machine, or of a bucket's server.
 */
export async function missingParts(
  folder: string,
  of: number,
  options: ServerOptions = {},
): Promise<number[]> {
  requireString("folder", folder, FOLDER_OR_URL);
  const parts = requireInteger("of", of, 1);
  const given = readOptions("missingParts", options, serverReaders);
  const { findMissingParts } = await import("./missing-parts.js");
  const { packPlace } = await import("./packs-by-location.js");
  return [...(await findMissingParts(await packPlace(folder, given), parts)).parts];
}

/**
 * Says whether this machine gives what the one gave that packed a set: the lock is beside the set's files.
 *
 * @throws {RangeError} for a URL: copy the lock and what is beside it.
 * @throws {PixtokError} FILE_NOT_FOUND where a set has no lock, as it was packed before there were any;
 *   INVALID_LOCK; INVALID_PACK where it is not the lock that its files were packed with; PACK_MISMATCH where the files of a
 *   model beside it are not those that its conversations went through; and what
 *   `MultimodalDataset.from` throws for a set.
 */
export async function attestPack(folder: string): Promise<Attestation> {
  const { lock, options } = await openPackLock(folder);
  return attestLock(lock, options);
}
