import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { INDEX_NAME } from "../../src/sources/packed/pack-format.js";
import { type PackIndex, packIndexBytes } from "../../src/sources/packed/pack-index.js";

/** Writes the index of a set into its folder. */
export async function savePackIndex(folder: string, index: PackIndex): Promise<void> {
  writeFileSync(join(folder, INDEX_NAME), await packIndexBytes(index));
}
