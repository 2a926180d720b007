import type { FileVersion } from "../shared/file-version.js";

/** An image file within another file, such as an archive: read by the native threads. */
export interface ImageRange {
  /** Path of the file around it. */
  path: string;
  /** Position of its first byte in that file. */
  offset: number;
  /** In bytes. */
  length: number;
  /** Of the file around it: of another version than this it is SOURCE_CHANGED. Default: any. */
  version?: FileVersion;
}
