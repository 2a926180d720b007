import { PixtokError } from "../../shared/errors.js";
import { decodeUtf8, NotText } from "../text-encoding.js";

/** A row's values by the names of its columns, or keys. */
export type Columns = Record<string, unknown>;

/** Rows of a manifest, read when they are asked for. */
export interface ManifestRows {
  readonly length: number;
  /** Length of the text that holds the rows. */
  readonly bytes: number;
  /** Names of all columns where the file has a header. */
  readonly header?: readonly string[];
  /** What kind of file it is, for people to read. */
  readonly kind: string;
  read(row: number): Promise<Columns>;
  /**
   * Looks at the file that rows are read from; undefined where all of it was read when it was opened.
   *
   * @throws {PixtokError} SOURCE_CHANGED, a fault of the machine.
   */
  requireUnchanged?(): Promise<void>;
}

/** What is wrong with a row, with its place among the rows that hold something. */
export function invalidRow(
  path: string,
  row: number,
  message: string,
  cause?: unknown,
): PixtokError {
  return new PixtokError("INVALID_MANIFEST", `row ${row + 1}: ${message}`, {
    index: row,
    source: path,
    cause,
  });
}

/** @throws {PixtokError} INVALID_MANIFEST, of the row, where its bytes are no text. */
export async function textOfRow(
  path: string,
  row: number,
  bytes: Promise<Buffer>,
): Promise<string> {
  try {
    return decodeUtf8(await bytes);
  } catch (cause) {
    throw cause instanceof NotText ? invalidRow(path, row, cause.message, cause) : cause;
  }
}
