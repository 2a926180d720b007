import { createHash } from "node:crypto";
import { join } from "node:path";

/** What copies and notes are known by. */
export function copyKey(...parts: readonly unknown[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(String(part ?? "")).update("\0");
  return hash.digest("hex").slice(0, 40);
}

/** Where a cache has its copies. */
export const copiesIn = (folder: string) => join(folder, "copies");

/** Where the cache in a folder has the copy of a key, if it has one. */
export function pathOfCopy(folder: string, key: string): string {
  return join(copiesIn(folder), key.slice(0, 2), key.slice(2));
}
