// What a sample of pairs tells of their bytes.

import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import {
  type ImageInput,
  openManifest,
  openWebDataset,
  type PairSource,
  PixtokError,
} from "pixtok";
import { sampleBytes } from "../../src/planning/sampled-bytes.js";
import { closedServers } from "../support/closed-servers.js";
import { startFileServer } from "../support/file-server.js";
import { fixture } from "../support/fixtures.js";
import { contentsOf, folderOf, quick, shardOf } from "../support/remote-sets.js";

const serve = closedServers(startFileServer);

const sourceOf = (images: readonly (ImageInput | (() => never))[]): PairSource => ({
  length: images.length,
  get(index) {
    const image = images[index] as ImageInput | (() => never);
    return { image: typeof image === "function" ? image() : image, text: "" };
  },
});

const [first, second] = ["images/png-rgb.png", "images/jpeg-420.jpg"].map(fixture) as [
  string,
  string,
];
const fail = (code: "CORRUPT_IMAGE" | "STORAGE_FAILED") => () => {
  throw new PixtokError(code, "what is wrong");
};
const system = (code: string) => () => {
  throw Object.assign(new Error(`${code}: what the system says, open 'x'`), {
    code,
    syscall: "open",
  });
};

describe("the bytes of a sample", () => {
  test("are those of its files", async () => {
    const found = await sampleBytes(sourceOf([first, second]), 10, 0);
    const imageBytes = (statSync(first).size + statSync(second).size) / 2;
    assert.deepEqual(found, { imageBytes, areFiles: true, pairs: 2 });
  });

  test("are none of ranges of files, of encoded bytes and of pixels, which lie in the source's files", async () => {
    const range = { path: first, offset: 3, length: 10 };
    const pixels = { data: new Uint8Array(12), width: 2, height: 2, channels: 3 } as const;
    const data = "data:image/png;base64,AAAA";
    const found = await sampleBytes(sourceOf([range, new Uint8Array(5), pixels, data]), 10, 0);
    assert.deepEqual(found, { imageBytes: 0, areFiles: false, pairs: 4 });
  });

  test("are those of images that are fetched, each a file of its own", async () => {
    const images = Object.fromEntries(
      [first, second].map((path, i) => [`/${i}`, readFileSync(path)]),
    );
    const imageBytes = (statSync(first).size + statSync(second).size) / 2;
    const server = await serve(images);
    const rows = [0, 1].map((i) => JSON.stringify({ image: `${server.url}/${i}`, text: "a" }));
    const root = folderOf({ "pairs.jsonl": rows.join("\n") });
    const options = quick();
    for (const _ of ["from the server", "from the cache"]) {
      const source = await openManifest(join(root, "pairs.jsonl"), options);
      assert.deepEqual(await sampleBytes(source, 10, 0), { imageBytes, areFiles: true, pairs: 2 });
    }
  });

  test("are those of a manifest and images that are elsewhere", async () => {
    const root = folderOf({
      "a.png": readFileSync(first),
      "b.jpg": readFileSync(second),
      "pairs.csv": "image,text\na.png,one\nb.jpg,two\n",
    });
    const server = await serve(contentsOf(root));
    const source = await openManifest(`${server.url}/pairs.csv`, quick());
    const imageBytes = (statSync(first).size + statSync(second).size) / 2;
    assert.deepEqual(await sampleBytes(source, 10, 0), { imageBytes, areFiles: true, pairs: 2 });
  });

  test("are none of a shard that is elsewhere", async () => {
    const server = await serve({ "/0.tar": shardOf(0, 3) });
    const shard = await openWebDataset(`${server.url}/0.tar`, quick());
    assert.deepEqual(await sampleBytes(shard, 10, 0), { imageBytes: 0, areFiles: false, pairs: 3 });
  });

  test("are those of all images of a pair together", async () => {
    const sourceOfTwo: PairSource = {
      length: 3,
      get: () => ({ image: [first, second], text: "" }),
    };
    const imageBytes = statSync(first).size + statSync(second).size;
    assert.deepEqual(await sampleBytes(sourceOfTwo, 10, 0), {
      imageBytes,
      areFiles: true,
      pairs: 3,
    });
  });

  test("are not taken for those of files where just half of the images are such", async () => {
    const half = await sampleBytes(sourceOf([first, new Uint8Array(5)]), 10, 0);
    assert.equal(half.areFiles, false);
    const most = await sampleBytes(sourceOf([first, second, new Uint8Array(5)]), 10, 0);
    assert.equal(most.areFiles, true);
  });

  test("are of as many random pairs as are wanted", async () => {
    const read: number[] = [];
    const sourceOfMany: PairSource = {
      length: 200,
      get(index) {
        read.push(index);
        return { image: first, text: "" };
      },
    };
    const some = await sampleBytes(sourceOfMany, 20, 0);
    assert.equal(some.pairs, 20);
    await sampleBytes(sourceOfMany, 20, 0);
    await sampleBytes(sourceOfMany, 20, 1);
    assert.deepEqual(read.slice(20, 40), read.slice(0, 20));
    assert.notDeepEqual(read.slice(40), read.slice(0, 20));
  });

  test("are without pairs that cannot be read, and none where all are such", async () => {
    const bad = fail("CORRUPT_IMAGE");
    const found = await sampleBytes(sourceOf([bad, first]), 10, 0);
    assert.deepEqual([found.pairs, found.imageBytes], [1, statSync(first).size]);
    await assert.rejects(sampleBytes(sourceOf([bad, bad]), 10, 0), {
      code: "NO_READABLE_SAMPLE",
      message: /none of 2 random pairs can be read; the first: .*what is wrong/,
    });
  });

  test("that cannot be read are an error with what is wrong with the first pair alone", async () => {
    const asked: number[] = [];
    const bad: PairSource = {
      length: 5,
      get(index) {
        asked.push(index);
        throw new PixtokError("CORRUPT_IMAGE", `pair ${index} is bad`);
      },
    };
    await assert.rejects(sampleBytes(bad, 10, 0), (error: PixtokError) => {
      assert.match(error.message, new RegExp(`the first: .*pair ${asked[0]} is bad`));
      return true;
    });
  });

  test("are not judged by a fault of the machine, whoever tells of it", async () => {
    for (const [fault, code] of [
      [fail("STORAGE_FAILED"), "STORAGE_FAILED"],
      [system("EMFILE"), "OUT_OF_FILE_DESCRIPTORS"],
      [system("EIO"), "STORAGE_FAILED"],
    ] as const) {
      await assert.rejects(sampleBytes(sourceOf([fault, first]), 10, 0), { code });
    }
    const found = await sampleBytes(sourceOf([system("ENOENT"), first]), 10, 0);
    assert.equal(found.pairs, 1);
  });
});
