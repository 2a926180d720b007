import { join } from "node:path";
import { isRemote, urlWithin } from "../remote/remote-location.js";
import { PixtokError } from "../shared/errors.js";
import type { ListedFolder } from "../shared/listed-folder.js";
import type { DataFile } from "./data-files.js";
import type { SourceKind } from "./source-kinds.js";

/** What a user says of the data. */
export interface WantedData {
  readonly kind?: SourceKind | undefined;
  /** Which one of several splits. */
  readonly split?: string | undefined;
  /** Which of the sets that a dataset's README names. */
  readonly config?: string | undefined;
  /** Whether what a dataset's README names may be behind links that lead out of its folder. Default false. */
  readonly allowOutsideRoot?: boolean | undefined;
}

/** Where data are, and their kind. */
export interface Found {
  kind: SourceKind;
  /** Files, or the one folder. */
  paths: readonly DataFile[];
  /** The one that is wanted of splits within a file. */
  split?: string;
  /** Where the images of the one file are, where that is not beside it. */
  root?: string;
  /** The files of the one folder that count, where it has images and they have been listed. */
  below?: ListedFolder<DataFile>;
}

/** A path or URL in a folder. */
export function placeWithin(folder: string, path: string): string {
  if (path === "") return folder;
  return isRemote(folder) ? urlWithin(folder, path) : join(folder, path);
}

export function unknownSource(source: string, message: string, cause?: unknown): PixtokError {
  return new PixtokError("UNKNOWN_SOURCE", message, { source, cause });
}
