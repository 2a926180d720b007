import { join } from "node:path";

/** As scripts/translate-tests.mjs leaves it, in a tree of the same paths. */
const isTranslated = import.meta.filename.endsWith(".js");

/** What Node needs to run a program of the tests as it runs the test itself. */
export const typescript: readonly string[] = isTranslated ? [] : ["--import", "tsx"];

/** The file of a program of the tests, given by its path from the root. */
export function programFile(path: string): string {
  const file = isTranslated ? path.replace(/\.(ts|mjs)$/, ".js") : path;
  return join(import.meta.dirname, "../..", file);
}
