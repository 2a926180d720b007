// Pairs with what else of a row goes into a batch.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Pair } from "pixtok";
import { fixture } from "./fixtures.js";
import { numberedPairs, smallTokenizer, tinyImage } from "./pairs.js";

const tokenizer = await smallTokenizer();
export const options = { tokenizer, image: tinyImage };
/** The images stand in another folder of the tests' data. */
export const ofFile = { ...options, root: fixture("images"), allowOutsideRoot: true };

/** For files, until the process ends. */
export const folder = mkdtempSync(join(tmpdir(), "pixtok-columns-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

/** Numbered pairs with columns. */
export const withColumns = (length: number, columnsOf: (index: number) => Pair["columns"]) => {
  const pairs = numberedPairs(length);
  return {
    length,
    get: (index: number) => ({ ...pairs.get(index), columns: columnsOf(index) }) as Pair,
  };
};
