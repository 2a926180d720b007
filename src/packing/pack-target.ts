import type { ClaimPlace } from "../shared/claim-place.js";
import type { NamedFile, PackPlace } from "../sources/packed/pack-place.js";
import type { NewFile } from "./new-file.js";

/**
 * Where a packed set is written to, by several processes at once: a folder, or a bucket below a prefix. A file in it is whole as
 * soon as it has its name.
 */
export interface PackTarget extends PackPlace {
  readonly claims: ClaimPlace;
  /** Makes it ready to be written to. */
  prepare(): Promise<void>;
  has(file: string): Promise<boolean>;
  /**
   * Writes a small file, in the place of one that is there.
   *
   * @param flush whether it is on the disk before it has its name. Default false.
   */
  save(file: string, content: string | Uint8Array, flush?: boolean): Promise<void>;
  /**
   * Writes a small file that has just not been there; false where another process was faster, as one may be that has taken the
   * claim on the place over. A folder does not know it.
   */
  saveNew(file: string, content: string): Promise<boolean>;
  remove(file: string): Promise<void>;
  /** @param token of the claim on it. */
  newFile(file: string, token: string): NewFile;
  /** What is left of files that were not finished, with the tokens of their claims. */
  unfinished(): Promise<{ readonly name: string; readonly token: string }[]>;
  /**
   * Tells files from those that are in their places later.
   *
   * @param found as packedFiles() has just given them.
   */
  stamps(found: readonly NamedFile[], signal: AbortSignal | undefined): Promise<unknown>;
  /**
   * Whether an error says that nothing may be written to it, and it is as good without its index.
   *
   * @param anew whether files have been written, or the index that is there is not of them.
   */
  isReadOnly(error: unknown, anew: boolean): boolean;
}
