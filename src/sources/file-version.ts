import type { BigIntStats } from "node:fs";

/** What changes when a file is written again. */
export interface FileVersion {
  size: number;
  /** In nanoseconds since 1970. */
  modified: bigint;
}

export function versionOf({ size, mtimeNs }: BigIntStats): FileVersion {
  return { size: Number(size), modified: mtimeNs };
}

export function sameVersion(a: FileVersion, b: FileVersion): boolean {
  return a.size === b.size && a.modified === b.modified;
}
