import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fixture } from "./fixtures.js";
import { contentsOf, newFolder } from "./remote-sets.js";
import type { S3Server } from "./s3-server.js";

export const bucketUrl = "s3://sets/a/set";
/** Of the names of a set's objects there. */
export const bucketPrefix = "sets/a/set";

let manifest: string | undefined;

/** The manifest of four images. */
function fourPairs(): string {
  if (manifest === undefined) {
    manifest = join(newFolder(), "pairs.jsonl");
    const rows = Array.from({ length: 4 }, (_, i) => ({ image: "png-rgb.png", text: `pair ${i}` }));
    writeFileSync(manifest, rows.map((row) => JSON.stringify(row)).join("\n"));
  }
  return manifest;
}

/** Words of a command that packs four images, each into a file of its own. */
export const packingFour = (out: string, ...more: string[]): string[] => [
  ...["pack", fourPairs(), "--root", fixture("images"), "--no-texts", "--out", out],
  ...["--size", "8", "--file-size", "192", ...more],
];

/** Objects of a set, by the names of its files. */
export function namesBelow(server: S3Server, prefix: string): string[] {
  const keys = [...server.objects.keys()].filter((key) => key.startsWith(`${prefix}/`));
  return keys.map((key) => key.slice(prefix.length + 1)).sort();
}

/** A bucket has below a prefix what a folder has, to the last byte. */
export function assertSameFiles(server: S3Server, prefix: string, folder: string): void {
  const files = contentsOf(folder);
  const names = Object.keys(files).map((name) => name.slice(1));
  assert.deepEqual(namesBelow(server, prefix), names.sort());
  for (const [name, bytes] of Object.entries(files)) {
    assert.ok(server.objects.get(prefix + name)?.equals(bytes), name);
  }
}
