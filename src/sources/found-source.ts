import type { RemoteFolder } from "../remote/remote-folder.js";
import { PixtokError } from "../shared/errors.js";
import type { DataFile } from "./data-files.js";
import type { SourceKind } from "./source-kinds.js";

/** Where data are, and their kind. */
export interface Found {
  kind: SourceKind;
  /** Files, or the one folder. */
  paths: readonly DataFile[];
  /** The one that is wanted of splits within a file. */
  split?: string;
  /** What is below the one folder, where it is elsewhere and has images. */
  below?: RemoteFolder;
}

export function unknownSource(source: string, message: string, cause?: unknown): PixtokError {
  return new PixtokError("UNKNOWN_SOURCE", message, { source, cause });
}
