import assert from "node:assert/strict";
import { contentsOf } from "./remote-sets.js";
import type { S3Server } from "./s3-server.js";

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
