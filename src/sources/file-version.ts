import type { BigIntStats } from "node:fs";

/** What changes where a file is written anew. */
export interface FileVersion {
  size: number;
  /** In nanoseconds since 1970. */
  modified: bigint;
  /** Which file it is; not known of one that was noted down. */
  inode?: bigint;
}

export function versionOf({ size, mtimeNs, ino }: BigIntStats): FileVersion {
  return { size: Number(size), modified: mtimeNs, inode: ino };
}

export function sameVersion(a: FileVersion, b: FileVersion): boolean {
  const other = a.inode !== undefined && b.inode !== undefined && a.inode !== b.inode;
  return !other && a.size === b.size && a.modified === b.modified;
}
