import { stopWith } from "../shared/abort.js";
import { allDone } from "../shared/all-done.js";
import { limitAtOnce } from "../shared/limit-at-once.js";
import { refused } from "./remote-errors.js";
import type { ServerSettings } from "./remote-options.js";
import { withRetries } from "./remote-retries.js";
import { clientOf, NOT_S3, type S3Place } from "./s3-client.js";
import { conditionHeaders, isUnmet, s3Put, writeFailure } from "./s3-write.js";
import { stayAlive } from "./stay-alive.js";

/** A file that is put into a bucket. */
export interface UploadedFile {
  readonly bytes: number;
  read(offset: number, length: number): Promise<Buffer>;
}

/** What a connection that breaks sends again. Smaller objects are put by one request. */
const PART_BYTES = 16 * 2 ** 20;
/** S3 takes no more. */
const MOST_PARTS = 10_000;
/** Parts that are in memory and on their way. */
const PARTS_AT_ONCE = 4;

/** A process that is to end waits as long for parts to be removed. */
const MOST_ABORT_MS = 10_000;

/** Of an upload that is complete, or was removed. */
const isUnknown = (thrown: unknown) => (thrown as Error).name === "NoSuchUpload";

const IF_ABSENT = { isAbsent: true } as const;

/** Bytes of each part of a file but its last one. */
export const partLength = (fileBytes: number, least = PART_BYTES): number =>
  Math.max(least, Math.ceil(fileBytes / MOST_PARTS));

/**
 * Puts a file where there is none, in parts where it is large; it is there when all of it is.
 *
 * @param partBytes for tests.
 * @returns false where there is one already. It may be this one, as where an answer was lost.
 * @throws {PixtokError} REMOTE_REFUSED, REMOTE_UNREACHABLE, and those of reading the file.
 */
export async function s3Upload(
  source: string,
  place: S3Place,
  file: UploadedFile,
  settings: ServerSettings,
  signal: AbortSignal,
  partBytes = PART_BYTES,
): Promise<boolean> {
  if (file.bytes <= partBytes) {
    const content = await file.read(0, file.bytes);
    return (await s3Put(source, place, content, IF_ABSENT, settings, signal)) !== undefined;
  }
  const { bucket: Bucket, path: Key } = place;
  const { sdk, client } = await clientOf(settings);
  /** Asks, and again where that may help. */
  const ask = <T>(stop: AbortSignal, work: () => Promise<T>): Promise<T> =>
    stayAlive(
      withRetries(settings.remoteRetries, stop, async () => {
        try {
          return await work();
        } catch (thrown) {
          stop.throwIfAborted();
          throw writeFailure(source, thrown);
        }
      }),
    );
  /** Also where the signal has ended the upload. */
  const abort = (UploadId: string | undefined) => {
    const stop = AbortSignal.timeout(MOST_ABORT_MS);
    const remove = async () => {
      const command = new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId });
      await client.send(command, { abortSignal: stop }).catch((thrown) => {
        if (!isUnknown(thrown)) throw thrown;
      });
    };
    // parts that stay cost room; a lifecycle rule of the bucket may remove them, too
    return ask(stop, remove).catch(() => {});
  };
  await abortEarlier();
  const UploadId = await ask(signal, create);
  try {
    const Parts = await sendParts(UploadId);
    return await ask(signal, () => complete(UploadId, Parts));
  } catch (error) {
    await abort(UploadId);
    throw error;
  }

  /** What processes have left that were killed: nobody else writes this file. */
  async function abortEarlier(): Promise<void> {
    const list = new sdk.ListMultipartUploadsCommand({ Bucket, Prefix: Key });
    const { Uploads = [] } = await stayAlive(client.send(list, { abortSignal: signal })).catch(
      () => ({ Uploads: [] }), // who may write need not be allowed to list
    );
    await Promise.all(Uploads.filter((one) => one.Key === Key).map((one) => abort(one.UploadId)));
  }

  async function create() {
    // the client gives parts checksums by itself, which S3 refuses where it was not told of them before
    const isChecked = (await client.config.requestChecksumCalculation()) === "WHEN_SUPPORTED";
    const checksums = isChecked ? ({ ChecksumAlgorithm: "CRC32" } as const) : {};
    const command = new sdk.CreateMultipartUploadCommand({ Bucket, Key, ...checksums });
    const { UploadId } = await client.send(command, { abortSignal: signal });
    // without it each part would be put as the whole object
    if (!UploadId) throw refused(source, NOT_S3);
    return UploadId;
  }

  async function sendParts(id: string) {
    const length = partLength(file.bytes, partBytes);
    const stop = stopWith(signal);
    const limited = limitAtOnce(PARTS_AT_ONCE);
    const send = async (PartNumber: number) => {
      stop.signal.throwIfAborted();
      const first = (PartNumber - 1) * length;
      const Body = await file.read(first, Math.min(length, file.bytes - first));
      const { ETag, ChecksumCRC32 } = await ask(stop.signal, () =>
        client.send(new sdk.UploadPartCommand({ Bucket, Key, UploadId: id, PartNumber, Body }), {
          abortSignal: stop.signal,
        }),
      );
      return { PartNumber, ETag, ...(ChecksumCRC32 !== undefined && { ChecksumCRC32 }) };
    };
    const parts = Array.from({ length: Math.ceil(file.bytes / length) }, (_, i) =>
      limited(() => send(i + 1)).catch((error) => {
        stop.abort(error);
        throw error;
      }),
    );
    return allDone(parts).finally(stop.unlink);
  }

  async function complete(id: string, parts: Awaited<ReturnType<typeof sendParts>>) {
    try {
      const command = new sdk.CompleteMultipartUploadCommand({
        ...{ Bucket, Key, UploadId: id, MultipartUpload: { Parts: parts } },
        ...conditionHeaders(IF_ABSENT),
      });
      await client.send(command, { abortSignal: signal });
      return true;
    } catch (thrown) {
      if (isUnmet(thrown, IF_ABSENT)) {
        await abort(id);
        return false;
      }
      // it is complete, and the answer that said so was lost
      if (isUnknown(thrown)) return false;
      throw thrown;
    }
  }
}
