import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import type { RemoteOptions } from "pixtok";
import { fixture } from "./fixtures.js";
import { tarOf } from "./tar.js";

export const folder = mkdtempSync(join(tmpdir(), "pixtok-remote-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** A new folder below the tests' folder. */
export const newFolder = (): string => mkdtempSync(join(folder, "x-"));

/** Options of a source with a cache of its own, which gives up soon. */
export function quick(options: RemoteOptions = {}): RemoteOptions {
  return { cacheDir: newFolder(), timeoutSeconds: 5, remoteRetries: 1, ...options };
}

/** Writes files by their paths below a new folder. */
export function folderOf(files: Record<string, string | Uint8Array>): string {
  const root = newFolder();
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
  return root;
}

/** All files of a folder, by "/path". */
export function contentsOf(root: string): Record<string, Buffer> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [`/${relative(root, path).split(sep).join("/")}`, readFileSync(path)];
    }),
  );
}

export const imageNames = ["jpeg-420.jpg", "png-rgb.png", "webp-lossy.webp"];
export const imageBytes = imageNames.map((name) => readFileSync(fixture(`images/${name}`)));

/** A shard of `count` samples, with images in turns; their texts and keys tell them apart. */
export function shardOf(shard: number, count: number): Buffer {
  return tarOf(
    Array.from({ length: count }, (_, i) => {
      const bytes = imageBytes[i % imageBytes.length] as Buffer;
      const key = `${shard}-${String(i).padStart(3, "0")}`;
      const extension = imageNames[i % imageNames.length]?.split(".")[1];
      return [
        [`${key}.${extension}`, bytes],
        [`${key}.txt`, `text ${i} of shard ${shard}`],
      ] as const;
    }).flat(),
  );
}

/** Shards by "/000.tar". */
export function shardsOf(shards: number, count: number): Record<string, Buffer> {
  return Object.fromEntries(
    Array.from({ length: shards }, (_, i) => [
      `/${String(i).padStart(3, "0")}.tar`,
      shardOf(i, count),
    ]),
  );
}
