// The memory that batches are written into, and where the addon is looked for.

import assert from "node:assert/strict";
import { constants } from "node:buffer";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import {
  allocateMemory,
  lendMemory,
  lendMemoryAgain,
  releaseMemory,
  withdrawMemory,
} from "../../src/native/batch-memory.js";
import { jpegLibraryCandidates } from "../../src/native/platform-package.js";
import { runtime } from "../../src/native/runtime.js";
import { packageVersion, runtimeInfo } from "../../src/native/runtime-info.js";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const root = mkdtempSync(join(tmpdir(), "pixtok-native-"));
after(() => rmSync(root, { recursive: true }));

const MEBIBYTE = 2 ** 20;

/** Bytes of its own, aligned, in a block that is at most an eighth larger than is needed. */
function requireRoom(memory: Uint8Array, bytes: number): void {
  const { buffer, byteOffset, length } = memory;
  assert.equal(length, bytes);
  assert.ok(byteOffset + bytes <= buffer.byteLength);
  assert.ok(buffer.byteLength <= Math.max(bytes + 64 + 64, ((bytes + 64) * 9) / 8 + 1));
}

describe("memory of batches", () => {
  test("has the bytes that are asked for, and is little larger", () => {
    for (const bytes of [0, 1, 64, 1000, 1024 - 64, 1024 - 63, MEBIBYTE, 3 * MEBIBYTE + 7]) {
      const memory = allocateMemory(bytes);
      requireRoom(memory, bytes);
      releaseMemory(memory);
    }
  });

  test("is used again once it has been given back, by what needs about as much, and not before", () => {
    const first = allocateMemory(MEBIBYTE);
    const second = allocateMemory(MEBIBYTE);
    assert.notEqual(second.buffer, first.buffer);
    releaseMemory(first);
    assert.notEqual(allocateMemory(2 * MEBIBYTE).buffer, first.buffer);
    const third = allocateMemory(MEBIBYTE - 1);
    assert.equal(third.buffer, first.buffer);
    requireRoom(third, MEBIBYTE - 1);
    releaseMemory(third);
    releaseMemory(first); // once more, which does nothing
    assert.equal(allocateMemory(MEBIBYTE).buffer, first.buffer);
    assert.notEqual(allocateMemory(MEBIBYTE).buffer, first.buffer);
  });

  test("that is lent is the user's until it is back, and empty from then on", () => {
    const memory = allocateMemory(3 * MEBIBYTE);
    memory.fill(7);
    const lent = lendMemory(memory);
    assert.equal(lent.length, 3 * MEBIBYTE);
    assert.ok(lent.every((byte) => byte === 7));
    assert.notEqual(allocateMemory(3 * MEBIBYTE).buffer, memory.buffer);
    releaseMemory(lent);
    assert.equal(lent.length, 0);
    assert.equal(lent.buffer.byteLength, 0);
    const again = allocateMemory(3 * MEBIBYTE);
    assert.equal(again.length, 3 * MEBIBYTE);
    releaseMemory(lent); // the old lease does not give back the new one
    assert.notEqual(allocateMemory(3 * MEBIBYTE).buffer, again.buffer);
  });

  test("that is lent is not given back by those who lent it", () => {
    const memory = allocateMemory(4 * MEBIBYTE);
    const lent = lendMemory(memory);
    releaseMemory(memory);
    assert.equal(lent.length, 4 * MEBIBYTE);
    assert.notEqual(allocateMemory(4 * MEBIBYTE).buffer, memory.buffer);
    releaseMemory(lent);
  });

  test("that is lent again and again is lent by one array buffer, which shows what it has", () => {
    const lent = lendMemoryAgain(allocateMemory(6 * MEBIBYTE));
    releaseMemory(lent);
    assert.equal(lent.length, 6 * MEBIBYTE);
    const memory = allocateMemory(6 * MEBIBYTE - 7);
    memory.fill(7);
    const again = lendMemoryAgain(memory);
    assert.equal(again.buffer, lent.buffer);
    assert.equal(again.length, 6 * MEBIBYTE - 7);
    assert.equal(lent[0], 7);
    releaseMemory(again);
  });

  test("that was lent so is empty for those before once it is lent to others", () => {
    const lent = lendMemoryAgain(allocateMemory(9 * MEBIBYTE));
    releaseMemory(lent);
    const memory = allocateMemory(9 * MEBIBYTE);
    memory.fill(7);
    const other = lendMemory(memory);
    assert.equal(lent.length, 0);
    assert.ok(other.every((byte) => byte === 7));
    releaseMemory(other);
  });

  test("that was lent so and is not lent now can be given back as any", () => {
    const lent = lendMemoryAgain(allocateMemory(11 * MEBIBYTE));
    releaseMemory(lent);
    const memory = allocateMemory(11 * MEBIBYTE);
    releaseMemory(memory);
    const again = lendMemoryAgain(allocateMemory(11 * MEBIBYTE));
    assert.equal(again.buffer, lent.buffer);
    releaseMemory(again);
  });

  test("that was lent so and is given back twice is nobody's a second time", () => {
    const lent = lendMemoryAgain(allocateMemory(13 * MEBIBYTE));
    releaseMemory(lent);
    releaseMemory(lent);
    const [one, other] = [allocateMemory(13 * MEBIBYTE), allocateMemory(13 * MEBIBYTE)];
    assert.notEqual(one.buffer, other.buffer);
    for (const memory of [one, other]) releaseMemory(memory);
  });

  test("that was lent so and moved elsewhere is not written into, and comes back when that is gone", async (context) => {
    if (!("transfer" in ArrayBuffer.prototype)) {
      return context.skip("this Node has no ArrayBuffer.transfer");
    }
    const size = 13 * MEBIBYTE;
    const lent = lendMemoryAgain(allocateMemory(size));
    releaseMemory(lent);
    const { byteOffset } = lent;
    const moved = (lent.buffer as unknown as { transfer(): ArrayBuffer }).transfer();
    new Uint8Array(moved, byteOffset, size).fill(3);
    for (const lend of [lendMemory, lendMemoryAgain]) {
      const memory = allocateMemory(size);
      memory.fill(7);
      const other = lend(memory);
      new Uint8Array(moved, byteOffset, size).fill(3);
      assert.ok(other.every((byte) => byte === 7));
      releaseMemory(other);
    }
  });

  test("that is lent so is its user's no more when it is withdrawn", () => {
    const lent = lendMemoryAgain(allocateMemory(7 * MEBIBYTE));
    const { buffer: lease, byteOffset } = lent;
    lent.fill(5);
    const withdrawn = withdrawMemory(lease as ArrayBuffer);
    assert.equal(lent.length, 0);
    assert.ok(new Uint8Array(withdrawn, byteOffset, 7 * MEBIBYTE).every((byte) => byte === 5));
    releaseMemory(lent);
    assert.notEqual(allocateMemory(7 * MEBIBYTE).buffer, withdrawn);
  });

  test("that is withdrawn can be moved to another thread, and does not come back", () => {
    const memory = allocateMemory(5 * MEBIBYTE);
    const { byteOffset } = memory;
    const lent = lendMemory(memory);
    lent.fill(9);
    const buffer = withdrawMemory(lent.buffer as ArrayBuffer);
    assert.equal(lent.length, 0);
    const moved = structuredClone(buffer, { transfer: [buffer] });
    assert.ok(new Uint8Array(moved, byteOffset, 5 * MEBIBYTE).every((byte) => byte === 9));
    assert.equal(allocateMemory(5 * MEBIBYTE).length, 5 * MEBIBYTE);
    const other = new ArrayBuffer(8);
    assert.equal(withdrawMemory(other), other);
  });

  test("that a worker lends is its own, which is moved away when it is back", async () => {
    const worker = new Worker(
      `const { parentPort } = require("node:worker_threads");
       import(${JSON.stringify(new URL("../../dist/native/batch-memory.js", import.meta.url).href)}).then(
         ({ allocateMemory, lendMemory, releaseMemory, withdrawMemory }) => {
           const memory = allocateMemory(2 ** 20);
           memory.fill(7);
           const lent = lendMemory(memory);
           const isItself = lent.buffer === memory.buffer;
           releaseMemory(lent);
           const again = allocateMemory(2 ** 20);
           const other = lendMemory(allocateMemory(2 ** 20));
           const withdrawn = withdrawMemory(other.buffer);
           parentPort.postMessage({
             isItself,
             left: lent.length,
             kept: again[0],
             withdrawn: withdrawn.byteLength > 2 ** 20,
             gone: other.length,
           });
         },
       );`,
      { eval: true },
    );
    const found = await new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
    await worker.terminate();
    assert.deepEqual(found, { isItself: true, left: 0, kept: 7, withdrawn: true, gone: 0 });
  });

  test("that is idle is at most 384 MiB, but for four blocks of the size in use", () => {
    const kept = (bytes: number, count: number) => {
      const all = Array.from({ length: count }, () => allocateMemory(bytes));
      const buffers = new Set(all.map(({ buffer }) => buffer));
      for (const memory of all) releaseMemory(memory);
      const again = Array.from({ length: count }, () => allocateMemory(bytes));
      return again.filter(({ buffer }) => buffers.has(buffer)).length;
    };
    // never touched, so that no page of it is there
    assert.equal(kept(100 * MEBIBYTE, 6), 4);
    assert.equal(kept(60 * MEBIBYTE, 8), 6);
  });

  test("that is idle is given up where there is no other", () => {
    const idle = allocateMemory(5 * MEBIBYTE);
    releaseMemory(idle);
    const { addon } = runtime();
    let lacking = 1;
    const alignMemory = (buffer: ArrayBuffer) => {
      lacking -= 1;
      if (lacking >= 0) throw new RangeError("Array buffer allocation failed");
      return addon.alignMemory(buffer);
    };
    Object.assign(runtime(), {
      addon: Object.create(addon, { alignMemory: { value: alignMemory } }),
    });
    try {
      requireRoom(allocateMemory(11 * MEBIBYTE), 11 * MEBIBYTE);
      assert.notEqual(allocateMemory(5 * MEBIBYTE).buffer, idle.buffer);
    } finally {
      Object.assign(runtime(), { addon });
    }
  });

  test("of more bytes than there are is OUT_OF_MEMORY, and says how many", () => {
    for (const bytes of [constants.MAX_LENGTH, 2 ** 52]) {
      assert.throws(() => allocateMemory(bytes), {
        code: "OUT_OF_MEMORY",
        message: new RegExp(`no array buffer of ${bytes} bytes can be had`),
      });
    }
  });
});

describe("the runtime", () => {
  test("keeps an engine for each number of threads", () => {
    const { engine, defaultThreads } = runtime();
    assert.equal(engine(2), engine(2));
    assert.notEqual(engine(2), engine(3));
    assert.equal(engine(), engine(defaultThreads));
    assert.equal(runtime(), runtime());
  });

  test("looks for libturbojpeg in packages first, then in the system", () => {
    const candidates = jpegLibraryCandidates();
    assert.match(candidates.at(-1) ?? "", /^libturbojpeg\.(so\.0|dylib|dll)$/);
    for (const path of candidates.slice(0, -1)) assert.match(path, /turbo.*libturbojpeg\./);
    assert.ok(candidates.includes(runtimeInfo().decoder.library ?? candidates[0] ?? ""));
    assert.equal(runtimeInfo().version, packageVersion());
  });
});

describe("where sharp cannot be loaded", () => {
  /** What a process prints whose sharp is not there. */
  function printed(script: string, environment: NodeJS.ProcessEnv = {}): string {
    const hidden = `
      import Module from "node:module";
      const resolve = Module._resolveFilename;
      Module._resolveFilename = (name, ...others) => {
        if (name === "sharp") throw new Error("Cannot find module 'sharp'\\nRequire stack:");
        return resolve(name, ...others);
      };
      const { DataLoader, ImageProcessor, MultimodalDataset, Tokenizer, runtimeInfo } = await import("pixtok");
      const tokenizer = await Tokenizer.fromPretrained("test/data/wordpiece");
      const imagePaths = ["test/data/images/jpeg-420.jpg"];
      const dataset = new MultimodalDataset({ imagePaths, texts: ["a"], tokenizer });`;
    return execFileSync(process.execPath, ["--input-type=module", "--eval", hidden + script], {
      cwd: repository,
      encoding: "utf8",
      env: { ...process.env, ...environment },
    });
  }

  test("files are read that pixtok reads itself, and that is told in place of its version", () => {
    const count = `
      for await (const { indices } of new DataLoader(dataset)) console.log(indices.length);
      console.log(runtimeInfo().sharp);`;
    assert.equal(printed(count), "1\nnot found\n");
  });

  test("for want of file descriptors, that is said; and no file is called bad that wants it", () => {
    const script = `
      import { closeSync, openSync, readFileSync } from "node:fs";
      const file = readFileSync(imagePaths[0]);
      runtimeInfo();
      const held = [];
      try { for (;;) held.push(openSync("package.json")); } catch {}
      try { await ImageProcessor.standard().process(file); }
      catch ({ code }) { console.log(code) }
      try { console.log(runtimeInfo().sharp); } catch ({ code }) { console.log(code) }
      for (const descriptor of held) closeSync(descriptor);
      try { for await (const _ of new DataLoader(dataset, { onError: "skip" })) console.log("a batch"); }
      catch ({ code, message }) { console.log(code, message) }`;
    assert.match(
      printed(script, { PIXTOK_DECODER: "sharp" }),
      /^OUT_OF_FILE_DESCRIPTORS\nOUT_OF_FILE_DESCRIPTORS\nDECODER_NOT_FOUND .*sharp, which pixtok depends on, cannot be loaded \(Cannot find module 'sharp'\); install pixtok again\n$/,
    );
  });
});

describe("where there is no addon", () => {
  /** What a process says that needs it, with the compiled sources at another place. */
  function messageAt(name: string, prelude = ""): string {
    const folder = join(root, name);
    const script = `${prelude}
      const { runtimeInfo } = await import("./dist/native/runtime-info.js");
      try { runtimeInfo() } catch ({ code, message }) { console.log(code + ": " + message) }`;
    const parameters = ["--input-type=module", "--eval", script];
    return execFileSync(process.execPath, parameters, { cwd: folder, encoding: "utf8" });
  }

  function placeSources(name: string, manifest?: object): string {
    const folder = join(root, name);
    for (const room of ["native", "shared"]) {
      cpSync(join(repository, "dist", room), join(folder, "dist", room), { recursive: true });
    }
    mkdirSync(join(folder, "node_modules/sharp"), { recursive: true });
    writeFileSync(join(folder, "node_modules/sharp/index.js"), "exports.versions = {}");
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module", ...manifest }));
    return folder;
  }

  test("the package of the platform is named", () => {
    placeSources("package", { name: "pixtok", version: "0.0.0" });
    const platform = `${process.platform}-${process.arch}`;
    assert.match(
      messageAt("package"),
      new RegExp(`^ADDON_NOT_FOUND: the package @pixtok/${platform}(-musl)?, which has the native`),
    );
  });

  test("and none is made for the platform, those are named that one is made for", () => {
    const message = messageAt(
      "package",
      'Object.defineProperty(process, "arch", { value: "s390x" });',
    );
    assert.match(
      message,
      /no native addon for \w+-s390x(-musl)?, only for linux-x64, linux-arm64, linux-x64-musl, linux-arm64-musl, darwin-arm64, darwin-x64, win32-x64;/,
    );
  });

  test("and the sources are in a bundle, that is said", () => {
    placeSources("bundle", { name: "another" });
    assert.match(messageAt("bundle"), /^ADDON_NOT_FOUND: pixtok seems to be part of a bundle/);
  });

  test("and what is there is no addon, its path is named", () => {
    const folder = placeSources("broken", { name: "pixtok", version: "0.0.0" });
    mkdirSync(join(folder, "build/Release"), { recursive: true });
    writeFileSync(join(folder, "build/Release/pixtok.node"), "no library");
    assert.match(
      messageAt("broken"),
      /^ADDON_NOT_FOUND: ".*pixtok\.node": the native addon cannot be loaded/,
    );
  });

  test("but one in the package of the platform, it is that one", () => {
    const folder = placeSources("installed", { name: "pixtok", version: "0.0.0" });
    const name = /@pixtok\/([\w-]+)/.exec(messageAt("installed"))?.[1] as string;
    const own = join(folder, "node_modules/@pixtok", name);
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, "package.json"), "{}");
    writeFileSync(join(own, "pixtok.node"), "no library");
    assert.match(messageAt("installed"), new RegExp(`"[^"]*@pixtok/${name}/pixtok\\.node"`));
  });
});
