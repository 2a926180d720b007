import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { MultimodalDataset, packDataset } from "pixtok";
import { openPackedSource } from "../../src/sources/packed/local-pack.js";
import { inChild } from "../support/child.js";
import { fixture } from "../support/fixtures.js";
import { tinyImage } from "../support/pairs.js";
import { type SlowMounts, slowMounts, whyNoSlowMount } from "../support/slow-mount.js";
import { tarOf } from "../support/tar.js";

const FILES = 192;
const MILLISECONDS = 20;
const THREADS = 2;

const root = mkdtempSync(join(tmpdir(), "pixtok-slow-storage-"));
after(() => rmSync(root, { recursive: true }));

const skip = process.platform !== "linux" && "only Linux preloads a library by a variable";

describe("storage that takes 20 ms for each read", { skip }, () => {
  const library = join(root, "slow-storage.so");
  const images = join(root, "images");

  before(() => {
    const source = fileURLToPath(new URL("../support/slow-storage.c", import.meta.url));
    execFileSync("cc", ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]);
    mkdirSync(images);
    const names = ["jpeg-420.jpg", "png-rgb.png", "webp-lossy.webp"];
    for (let i = 0; i < FILES; i += 1) {
      const name = names[i % names.length] as string;
      copyFileSync(fixture(`images/${name}`), join(images, `${i}-${name}`));
    }
  });

  /** An epoch in a process of its own: its seconds, and a digest of its tensors. */
  const epoch = async (milliseconds: number) => {
    const { value, errors } = await inChild(
      `
      const { createHash } = await import("node:crypto");
      const { readdirSync } = await import("node:fs");
      const { DataLoader, MultimodalDataset } = await import("pixtok");
      const { join } = await import("node:path");
      const folder = process.env.SLOW_STORAGE;
      const imagePaths = readdirSync(folder).sort().map((name) => join(folder, name));
      const dataset = new MultimodalDataset({ imagePaths, text: null });
      const loader = new DataLoader(dataset, { batchSize: 32, threads: ${THREADS} });
      const digest = createHash("sha256");
      const start = performance.now();
      for await (const { image: { data } } of loader) {
        digest.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      }
      return { seconds: (performance.now() - start) / 1000, digest: digest.digest("hex") };
      `,
      {
        env: { LD_PRELOAD: library, SLOW_STORAGE: images, MILLISECONDS: String(milliseconds) },
      },
    );
    assert.equal(errors, "");
    assert.equal((value as { message?: string }).message, undefined);
    return value as { seconds: number; digest: string };
  };

  test("does not hold up an epoch by as much, and changes nothing of it", async () => {
    const quick = await epoch(0);
    const slow = await epoch(MILLISECONDS);
    assert.equal(slow.digest, quick.digest);
    // what the threads that decode would wait if each read its own files, one read a file
    const waiting = (FILES * MILLISECONDS) / 1000 / THREADS;
    const added = slow.seconds - quick.seconds;
    assert.ok(added < waiting / 2, `${added} s longer; ${waiting} s of waiting by turns`);
  });

  test("does not hold up the texts of a tar by the four threads of libuv", async () => {
    const tar = join(images, "texts.tar");
    const image = readFileSync(fixture("images/jpeg-420.jpg"));
    const pairs = Array.from({ length: FILES }, (_, i) => [
      [`${i}.jpg`, image] as const,
      [`${i}.txt`, `text ${i}`] as const,
    ]);
    writeFileSync(tar, tarOf(pairs.flat()));
    const { value, errors } = await inChild(
      `
      const { openWebDataset } = await import("pixtok");
      const source = await openWebDataset(process.env.TAR);
      const all = [...Array(source.length).keys()];
      const start = performance.now();
      const texts = await Promise.all(all.map((i) => source.texts(i)));
      return { seconds: (performance.now() - start) / 1000, texts };
      `,
      {
        env: {
          ...{ LD_PRELOAD: library, SLOW_STORAGE: images, MILLISECONDS: String(MILLISECONDS) },
          TAR: tar,
        },
      },
    );
    assert.equal(errors, "");
    const { seconds, texts } = value as { seconds: number; texts: string[] };
    assert.deepEqual(
      texts,
      pairs.map((_, i) => `text ${i}`),
    );
    const waiting = (FILES * MILLISECONDS) / 1000 / 4;
    assert.ok(seconds < waiting / 2, `${seconds} s; ${waiting} s by four threads`);
  });
});

describe("a packed set on storage that takes 20 ms for each page that is fetched", {
  skip: whyNoSlowMount() ?? false,
}, () => {
  const ROWS = 320;
  let mounts: SlowMounts;
  const packed = join(root, "packed");
  const FILES_OF_MANY = 40;
  const many = join(root, "many");

  before(async () => {
    mounts = slowMounts(root);
    const imagePaths = new Array<string>(ROWS).fill(fixture("images/jpeg-420.jpg"));
    await packDataset(new MultimodalDataset({ imagePaths, text: null }), packed);
    const few = new MultimodalDataset({
      imagePaths: imagePaths.slice(0, FILES_OF_MANY),
      text: null,
    });
    await packDataset(few, many, { fileBytes: 1 });
  });

  /** Seconds that opening a set of many files takes, none of which is in the system's cache. */
  const opening = (milliseconds: number) =>
    mounts.during(many, milliseconds, async (mount) => {
      const { value, errors } = await inChild(
        `
        const { MultimodalDataset } = await import("pixtok");
        const start = performance.now();
        const { length } = await MultimodalDataset.from(process.env.PACKED);
        return { seconds: (performance.now() - start) / 1000, length };
        `,
        { env: { PACKED: mount } },
      );
      assert.equal(errors, "");
      const { seconds, length } = value as { seconds: number; length: number };
      assert.equal(length, FILES_OF_MANY);
      return seconds;
    });

  test("opens without a wait for each file and message", async () => {
    const quick = await opening(0);
    let least = Number.POSITIVE_INFINITY;
    for (let turn = 0; turn < 3; turn += 1) least = Math.min(least, await opening(MILLISECONDS));
    // the beginning of a file, and its end, if they are waited for by turns
    const waiting = (2 * FILES_OF_MANY * MILLISECONDS) / 1000;
    const added = least - quick;
    assert.ok(added < waiting / 2, `${added} s longer; ${waiting} s of waiting by turns`);
  });

  test("waits for the columns of a message that is mapped alone together", async () => {
    const names = Array.from({ length: 24 }, (_, i) => `column${i}`);
    const columns = Object.fromEntries(names.map((name) => [name, "text"]));
    const image = { data: new Uint8Array(3), width: 1, height: 1, channels: 3 } as const;
    const wide = join(root, "wide");
    const dataset = new MultimodalDataset({
      source: { length: 1024, get: () => ({ image, text: "", columns }) },
      image: tinyImage,
      text: null,
      columns: Object.fromEntries(names.map((name) => [name, "string" as const])),
    });
    await packDataset(dataset, wide);
    /** Seconds that the first row takes. */
    const first = (milliseconds: number) =>
      mounts.during(wide, milliseconds, async (mount) => {
        const source = await openPackedSource(mount, {}, { files: 0 });
        const start = performance.now();
        await source.get(0, { seed: 0, epoch: 0 });
        return (performance.now() - start) / 1000;
      });
    const quick = await first(0);
    let least = Number.POSITIVE_INFINITY;
    for (let turn = 0; turn < 3; turn += 1) least = Math.min(least, await first(MILLISECONDS));
    // offsets of each column are a page of their own
    const waiting = (names.length * MILLISECONDS) / 1000;
    const added = least - quick;
    assert.ok(added < waiting / 2, `${added} s longer; ${waiting} s of waiting by turns`);
  });

  /** Seconds of an epoch of the set, in any order, none of which is in the system's cache, and a digest of its tensors. */
  const epoch = (milliseconds: number) =>
    mounts.during(packed, milliseconds, async (mount) => {
      const { value, errors } = await inChild(
        `
        const { createHash } = await import("node:crypto");
        const { DataLoader, MultimodalDataset } = await import("pixtok");
        const dataset = await MultimodalDataset.from(process.env.PACKED);
        const loader = new DataLoader(dataset, { batchSize: 32, shuffle: true, threads: ${THREADS} });
        const digest = createHash("sha256");
        const start = performance.now();
        for await (const { image: { data } } of loader) {
          digest.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
        }
        return { seconds: (performance.now() - start) / 1000, digest: digest.digest("hex") };
        `,
        { env: { PACKED: mount } },
      );
      assert.equal(errors, "");
      assert.equal((value as { message?: string }).message, undefined);
      return value as { seconds: number; digest: string };
    });

  test("does not hold up an epoch by as much, and changes nothing of it", async () => {
    const quick = await epoch(0);
    // what else the machine does only makes it longer
    let least = Number.POSITIVE_INFINITY;
    for (let turn = 0; turn < 3; turn += 1) {
      const slow = await epoch(MILLISECONDS);
      assert.equal(slow.digest, quick.digest);
      least = Math.min(least, slow.seconds);
    }
    // an image has 147 KiB, which is at least two fetches
    const waiting = (2 * ROWS * MILLISECONDS) / 1000 / THREADS;
    const added = least - quick.seconds;
    assert.ok(added < waiting / 2, `${added} s longer; ${waiting} s of waiting by turns`);
  });
});
