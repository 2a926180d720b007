import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { onWindows } from "../support/fixtures.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-faults-"));
after(() => rmSync(root, { recursive: true }));
const program = fileURLToPath(new URL("../support/out-of-descriptors.mjs", import.meta.url));

describe("a process that can open no more files", { skip: onWindows("there is no ulimit") }, () => {
  test("is reported by manifests and folders of images, which can be read afterwards", async () => {
    // more than what is read of it when it is opened
    const row = (text: string) => `${JSON.stringify({ image: "0.jpg", text })}\n`;
    const manifest = join(root, "rows.jsonl");
    writeFileSync(manifest, row("x".repeat(90)).repeat(20_000) + row("last"));
    const folder = join(root, "images");
    mkdirSync(folder);
    for (const name of ["a.jpg", "a.txt"]) writeFileSync(join(folder, name), "beside");
    const limited = `ulimit -n 256; exec "$0" "$@"`;
    const args = ["-c", limited, process.execPath, program, manifest, folder];
    const { stdout } = await promisify(execFile)("/bin/sh", args);
    assert.deepEqual(JSON.parse(stdout), {
      during: ["OUT_OF_FILE_DESCRIPTORS", "OUT_OF_FILE_DESCRIPTORS"],
      again: ["OUT_OF_FILE_DESCRIPTORS", "OUT_OF_FILE_DESCRIPTORS"],
      after: ["last", "beside"],
    });
  });
});
