import type { PackedPlace } from "./pack-format.js";
import type { PackIndex } from "./pack-index.js";
import type { PackedFile, PackedHead } from "./packed-file.js";

/** A packed file in its place. */
export interface NamedFile extends PackedPlace {
  readonly name: string;
  /** What tells it from another one that is called so later, where a list says that. */
  readonly validator?: string;
  /** In bytes, where a list says it. */
  readonly size?: number;
}

/** Where the files of a packed set are: in a folder of this machine, or in a bucket below a prefix. */
export interface PackPlace {
  /** What it is called for people: a path, or a URL. */
  readonly name: string;
  /** What a file in it is called for people. */
  pathOf(file: string): string;
  /** The packed files, in order; none where it is no pack. */
  packedFiles(): Promise<NamedFile[]>;
  /** The same in no order, without a list of them. */
  eachFile(): AsyncIterable<NamedFile>;
  /** What a packed file says of itself, as readPackedEnds() reads it. */
  ends(file: Pick<NamedFile, "name" | "validator" | "size">): Promise<PackedHead>;
  /** As readPackIndex() and headOfIndex() give them. */
  index(): Promise<PackIndex | undefined>;
  indexHead(): Promise<Pick<PackIndex, "versions"> | undefined>;
  /** The text of a small file. @throws {PixtokError} FILE_NOT_FOUND, REMOTE_NOT_FOUND */
  text(file: string): Promise<string>;
  /** As ends(); where the file is here, all of its heads are looked at. */
  heads(file: NamedFile): Promise<PackedHead>;
  /** Does work with a packed file that is open for as long. */
  opened<T>(file: NamedFile, work: (opened: PackedFile) => T | Promise<T>): Promise<T>;
}
