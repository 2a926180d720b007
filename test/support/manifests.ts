import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openManifest, PixtokError } from "pixtok";

export const folder = mkdtempSync(join(tmpdir(), "pixtok-manifest-"));
process.on("exit", () => rmSync(folder, { recursive: true }));
export const context = { seed: 0, epoch: 0 };

export function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

export async function pairsOf(path: string, options = {}): Promise<[unknown, unknown][]> {
  const source = await openManifest(path, options);
  const pairs: [unknown, unknown][] = [];
  for (let i = 0; i < source.length; i += 1) {
    const { image, text } = await source.get(i, context);
    pairs.push([image, text]);
  }
  return pairs;
}

export const codeOf = (code: string, message: RegExp) => (error: unknown) =>
  error instanceof PixtokError && error.code === code && message.test(error.message);
