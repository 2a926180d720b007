import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file with a path a line, as programs read it. */
export interface ImageList {
  readonly file: string;
  close(): Promise<void>;
}

export async function writeImageList(paths: readonly string[]): Promise<ImageList> {
  const folder = await mkdtemp(join(tmpdir(), "pixtok-bench-list-"));
  const file = join(folder, "images.txt");
  await writeFile(file, `${paths.join("\n")}\n`);
  return { file, close: () => rm(folder, { recursive: true, force: true }) };
}
