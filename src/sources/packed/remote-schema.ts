import type { RemoteFile } from "../../remote/remote-file.js";
import { headBytes, isPackedFile, MOST_SCHEMA_BYTES } from "./message-list.js";

/** As much of a file as most schemas have. */
const FIRST_BYTES = 2 ** 16;

/** The schema that a file begins with, or as much of it as may be one of a packed file. */
export async function remoteSchema(file: RemoteFile, size: number): Promise<Buffer> {
  const first = await file.read(0, Math.min(size, FIRST_BYTES));
  const length = Math.min(headBytes(first), size, MOST_SCHEMA_BYTES);
  return length <= first.length ? first.subarray(0, length) : file.read(0, length);
}

/** Tells a packed file from one that `Dataset.save_to_disk()` has called as these are called. */
export async function isRemotePack(file: RemoteFile): Promise<boolean> {
  return isPackedFile(await remoteSchema(file, file.size ?? (await sizeOfCopy(file))));
}

/** Of a file whose server does not say it. */
export async function sizeOfCopy(file: RemoteFile): Promise<number> {
  const { bytes, release } = await file.hold();
  release();
  return bytes;
}
