import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import type { NativeFile } from "../../src/native/addon.js";
import { nativeAddon } from "../../src/native/load-addon.js";
import { inChild } from "../support/child.js";
import { onWindows } from "../support/fixtures.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-reads-"));
after(() => rmSync(root, { recursive: true }));
const addon = nativeAddon();

function write(name: string, content: string): string {
  const path = join(root, name);
  writeFileSync(path, content);
  return path;
}

const open = async (path: string) => (await addon.openFile(path)) as NativeFile;

async function read(file: NativeFile, offset: number, length: number): Promise<string> {
  const bytes = Buffer.alloc(length);
  const count = (await addon.readFile(file, offset, bytes)) as number;
  return bytes.toString("latin1", 0, count);
}

const refusalOf = async (path: string) => (await addon.openFile(path)) as { code: string };

describe("a file that the addon's threads read", () => {
  test("gives the bytes that are there, from any place on", async () => {
    const file = await open(write("digits", "0123456789"));
    assert.equal(await read(file, 0, 4), "0123");
    assert.equal(await read(file, 7, 100), "789");
    assert.equal(await read(file, 10, 4), "");
    assert.equal(await read(file, Number.MAX_SAFE_INTEGER, 4), "");
    assert.equal(await read(file, 3, 0), "");
    addon.closeFile(file);
  });

  test("is read by many at once, each its own bytes", async () => {
    const text = Array.from({ length: 1000 }, (_, i) => String(i).padStart(4, "0")).join("");
    const file = await open(write("numbers", text));
    const numbers = [...Array(1000).keys()];
    const found = await Promise.all(numbers.map((i) => read(file, 4 * i, 4)));
    assert.deepEqual(found.map(Number), numbers);
    addon.closeFile(file);
  });

  test("gives fewer bytes where it has become shorter", async () => {
    const path = write("shrinking", "x".repeat(10_000));
    const file = await open(path);
    truncateSync(path, 5000);
    assert.equal((await read(file, 0, 10_000)).length, 5000);
    addon.closeFile(file);
  });

  test("is refused where it is not there or is a folder", async () => {
    assert.equal((await refusalOf(join(root, "none"))).code, "FILE_NOT_FOUND");
    assert.equal((await refusalOf(`${root}/a\0b`)).code, "FILE_NOT_FOUND");
    assert.equal((await refusalOf(root)).code, "NOT_A_FILE");
  });

  test("is refused where it is a pipe, which nobody writes to", {
    skip: onWindows("there are no named pipes in folders"),
  }, async () => {
    const path = join(root, "pipe");
    execFileSync("mkfifo", [path]);
    assert.equal((await refusalOf(path)).code, "NOT_A_FILE");
  });

  test("is closed once those that read it have ended, and not read afterwards", async () => {
    const path = write("closed", "0123456789");
    const file = await open(path);
    const under = Array.from({ length: 50 }, () => read(file, 2, 3));
    addon.closeFile(file);
    for (const one of await Promise.all(under)) assert.equal(one, "234");
    assert.throws(() => addon.readFile(file, 0, Buffer.alloc(1)), /closed/);
    if (!existsSync("/proc/self/fd")) return;
    const links = readdirSync("/proc/self/fd").map((one) => {
      try {
        return readlinkSync(`/proc/self/fd/${one}`);
      } catch {
        return ""; // that of the listing itself
      }
    });
    assert.ok(!links.includes(path));
  });

  test("has places that are whole numbers, and memory of its own to be read into", async () => {
    const file = await open(write("strict", "0123456789"));
    for (const offset of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60]) {
      assert.throws(() => addon.readFile(file, offset, Buffer.alloc(1)), RangeError);
    }
    const shared = new Uint8Array(new SharedArrayBuffer(4));
    assert.throws(() => addon.readFile(file, 0, shared), TypeError);
    assert.throws(() => addon.readFile({} as NativeFile, 0, Buffer.alloc(1)), TypeError);
    addon.closeFile(file);
  });

  test("keeps the process alive until it has been read, and a worker from nothing", async () => {
    const path = write("alive", "0123456789");
    const { value, ended, errors } = await inChild(
      `
      const { Worker } = await import("node:worker_threads");
      const { nativeAddon } = await import("./dist/native/load-addon.js");
      const code = \`
        const { nativeAddon } = await import(\${JSON.stringify(new URL("./dist/native/load-addon.js", "file://" + process.cwd() + "/").href)});
        const addon = nativeAddon();
        const file = await addon.openFile(\${JSON.stringify(process.argv[1])});
        for (;;) await Promise.all(Array.from({ length: 50 }, () => addon.readFile(file, 0, Buffer.alloc(10))));
      \`;
      for (let i = 0; i < 3; i += 1) {
        const url = new URL("data:text/javascript," + encodeURIComponent(code));
        const worker = new Worker(url);
        await new Promise((resolve) => worker.once("online", resolve));
        await new Promise((resolve) => setTimeout(resolve, 20 * i));
        await worker.terminate();
      }
      const addon = nativeAddon();
      const file = await addon.openFile(process.argv[1]);
      return addon.readFile(file, 0, Buffer.alloc(4));
      `,
      { args: [path] },
    );
    assert.deepEqual({ value, ended, errors }, { value: 4, ended: 0, errors: "" });
  });
});
