// Copies in the cache of remote files, written as the cache has them.

import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The key that is one digit over and over. */
export const key = (digit: string) => digit.repeat(40);

/** Writes copies of so many bytes, used in their order. */
export function storeCopies(folder: string, sizes: Readonly<Record<string, number>>): void {
  for (const [at, [name, bytes]] of Object.entries(sizes).entries()) {
    const inside = join(folder, name.slice(0, 2));
    mkdirSync(inside, { recursive: true });
    const path = join(inside, name.slice(2));
    writeFileSync(path, Buffer.alloc(bytes));
    utimesSync(path, 1000 + at, 1000 + at);
  }
}
