// Folders of processors, as a model's are.

import { rmSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ImageProcessor, type PretrainedProcessorOptions } from "pixtok";
import { fixture } from "./fixtures.js";

/** Where the folders are, until the process ends. */
export const root = await mkdtemp(join(tmpdir(), "pixtok-pretrained-"));
process.on("exit", () => rmSync(root, { recursive: true }));

export const photo = fixture("images/jpeg-500x375.jpg");
export const tall = fixture("images/jpeg-17x33.jpg");

/** A folder with these files. */
export async function folderOf(files: Record<string, unknown>): Promise<string> {
  const folder = await mkdtemp(join(root, "folder-"));
  for (const [name, value] of Object.entries(files)) {
    await writeFile(join(folder, name), JSON.stringify(value));
  }
  return folder;
}

/** The processor of a file with these keys. */
export async function load(
  keys: Record<string, unknown>,
  options: PretrainedProcessorOptions = {},
): Promise<ImageProcessor> {
  return ImageProcessor.fromPretrained(
    await folderOf({ "preprocessor_config.json": keys }),
    options,
  );
}

export const small = { size: { height: 9, width: 7 } };
