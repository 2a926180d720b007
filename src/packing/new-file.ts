import type { FileHandle } from "node:fs/promises";
import type { PixtokError } from "../shared/errors.js";

/** A file that is going to be written, and has its name when it is whole. */
export interface NewFile {
  begin(): Promise<UnfinishedFile>;
  /** The error for what the system says against writing it. */
  unwritable(cause: unknown): PixtokError;
}

/** A file that is being written. */
export interface UnfinishedFile {
  readonly handle: FileHandle;
  /** Gives it its name, and keeps it for good. */
  finish(): Promise<void>;
  /** Deletes what there is of it. */
  discard(): Promise<void>;
}
