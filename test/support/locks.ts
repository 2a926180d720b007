import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLock, ImageProcessor, PixtokError, type PixtokErrorCode } from "pixtok";
import { smallTokenizer } from "./pairs.js";

/** For files, until the process ends. */
export const folder = await mkdtemp(join(tmpdir(), "pixtok-lock-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

export const tokenizer = await smallTokenizer();
export const small = { resize: { width: 40, height: 30 } } as const;
export const image = new ImageProcessor(small);
export const lock = await createLock({ image, tokenizer, maxLength: 16 });

/** What an error has to be. */
export const is = (code: PixtokErrorCode, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PixtokError);
  assert.equal(error.code, code);
  assert.match(error.message, message);
  return true;
};
