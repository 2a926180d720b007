// Folders of images that are elsewhere, which are listed; servers of our own, nothing leaves this machine.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, describe, test } from "node:test";
import { MultimodalDataset, openImageFolder, openSource, PixtokError } from "pixtok";
import { fixture } from "../support/fixtures.js";
import { startHub } from "../support/hub-server.js";
import { assertSameEpoch } from "../support/packs.js";
import { smallTokenizer } from "../support/pairs.js";
import { folderOf, imageBytes, newFolder, quick } from "../support/remote-sets.js";
import { type S3Server, s3Environment, startS3 } from "../support/s3-server.js";

Object.assign(process.env, s3Environment);
process.env.HF_HOME = newFolder();

const tokenizer = await smallTokenizer();
const context = { seed: 0, epoch: 0 };
const open: S3Server[] = [];
const hub = await startHub({});
process.env.HF_ENDPOINT = hub.url;
after(() => Promise.all([hub.close(), ...open.map((server) => server.close())]));

const [jpeg, png, webp] = imageBytes as [Buffer, Buffer, Buffer];
const classes = {
  "dog/1.jpg": jpeg,
  "cat/x/2.png": png,
  "cat/1.webp": webp,
  "cat/.hidden.png": png,
};
const captioned = { "a.jpg": jpeg, "a.txt": " a dog\n", "b/c.png": png, "b/c.TXT": "a cat" };

/** A bucket with files below "sets/name/". */
async function bucketOf(files: Record<string, Buffer | string>): Promise<S3Server> {
  const objects = Object.entries(files).map(([path, bytes]) => [
    `sets/name/${path}`,
    Buffer.from(bytes),
  ]);
  const server = await startS3(Object.fromEntries(objects));
  open.push(server);
  return server;
}

function putOnHub(id: string, files: Record<string, Buffer | string>): void {
  const commit = "1".repeat(40);
  hub.repos[`datasets/${id}`] = { refs: { main: commit }, commits: { [commit]: files } };
}

const codeOf = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PixtokError, String(error));
  assert.match(error.message, message);
  return error.code === code;
};

describe("a folder of images elsewhere", () => {
  test("of a bucket, with folders of classes, is as it is here, labels included", async () => {
    const server = await bucketOf(classes);
    server.pageSize = 2;
    const of = { text: null, columns: { label: "int64" } } as const;
    const remote = { ...of, ...quick({ endpoint: server.url }) };
    const dataset = await MultimodalDataset.from("s3://sets/name/", remote);
    const here = await MultimodalDataset.from(folderOf(classes), of);
    assert.equal(dataset.fingerprint, here.fingerprint);
    assert.equal(dataset.length, 3);
    for (let index = 0; index < 3; index += 1) {
      assert.deepEqual(await dataset.get(index), await here.get(index));
    }
    const source = await openSource("s3://sets/name", {
      ...{ columns: "auto", texts: false },
      ...quick({ endpoint: server.url }),
    });
    assert.deepEqual(source.classNames, { label: ["cat", "dog", "x"] });
  });

  test("of the hub, with text files, gives the same epoch as here", async () => {
    putOnHub("org/images", { "README.md": "# x", ...captioned });
    await assertSameEpoch(
      await MultimodalDataset.from("org/images", { tokenizer, ...quick() }),
      await MultimodalDataset.from(folderOf(captioned), { tokenizer }),
    );
  });

  test("of one of several splits is opened by its name, or its own address", async () => {
    putOnHub("org/splits", {
      "train/cat/1.jpg": jpeg,
      "train/dog/2.jpg": jpeg,
      "test/cat/3.png": png,
    });
    for (const [data, options] of [
      ["org/splits", { split: "train" }],
      ["hf://datasets/org/splits/train", {}],
    ] as const) {
      const source = await openSource(data, { ...options, ...quick() });
      assert.deepEqual([source.length, await source.texts?.(1)], [2, "dog"]);
    }
    await assert.rejects(
      openSource("org/splits", quick()),
      codeOf(
        "UNKNOWN_SOURCE",
        /several splits \(test, train\).*hf:\/\/datasets\/org\/splits\/test/,
      ),
    );
  });

  test("of COCO, with captions by split, is as it is here", async () => {
    const captions = (file_name: string) =>
      JSON.stringify({
        images: [{ id: 1, file_name }],
        annotations: [{ image_id: 1, caption: `of ${file_name}` }],
      });
    const files = {
      "annotations/captions_train2017.json": captions("1.jpg"),
      "annotations/captions_val2017.json": captions("2.png"),
      "train2017/1.jpg": jpeg,
      "val2017/2.png": png,
    };
    const server = await bucketOf(files);
    const options = { split: "val", ...quick({ endpoint: server.url }) };
    const { image, text, key } = await (await openSource("s3://sets/name", options)).get(
      0,
      context,
    );
    assert.deepEqual([image, text, key], [png, ["of 2.png"], "2.png"]);
    await assert.rejects(
      openSource("s3://sets/name", { ...options, split: "test" }),
      codeOf("UNKNOWN_SOURCE", /split: expected one of train2017, val2017/),
    );
  });

  test("is opened by openImageFolder as well", async () => {
    putOnHub("org/more", captioned);
    const source = await openImageFolder("hf://datasets/org/more", quick());
    const { image, text, key } = await source.get(1, context);
    assert.deepEqual([image, text, key], [png, "a cat", "b/c.png"]);
    await assert.rejects(
      openImageFolder("https://example.org/images", quick()),
      codeOf("UNKNOWN_SOURCE", /a web server does not list its files/),
    );
  });

  test("fetches each image once, and reads its copy from then on", async () => {
    const server = await bucketOf(captioned);
    const options = quick({ endpoint: server.url });
    for (let time = 0; time < 2; time += 1) {
      const source = await openSource("s3://sets/name", options);
      for (let index = 0; index < source.length; index += 1) await source.get(index, context);
    }
    const read = server.requests.filter((one) => /GET .*\.(jpg|png)/.test(one));
    assert.equal(read.length, 2);
  });

  test("of 2000 images is opened by a request for each page of the bucket's list", async () => {
    const names = Array.from({ length: 2000 }, (_, i) => `c${i % 50}/${i}.jpg`);
    const server = await bucketOf(Object.fromEntries(names.map((name) => [name, jpeg])));
    server.pageSize = 400;
    const source = await openSource("s3://sets/name", quick({ endpoint: server.url }));
    assert.equal(source.length, 2000);
    assert.equal(server.requests.length, 5);
    await source.get(1999, context);
    assert.equal(server.requests.length, 6);
  });

  test("has a bad pair where an image is gone or no image, which the error names", async () => {
    const server = await bucketOf({ ...classes, "dog/3.jpg": "no image", "dog/4.jpg": "" });
    const options = { text: null, ...quick({ endpoint: server.url }) } as const;
    const dataset = await MultimodalDataset.from("s3://sets/name", options);
    server.objects.delete("sets/name/dog/1.jpg");
    await assert.rejects(
      dataset.get(2),
      codeOf("IMAGE_NOT_AVAILABLE", /s3:\/\/sets\/name\/dog\/1\.jpg/),
    );
    await assert.rejects(
      dataset.get(3),
      codeOf("UNSUPPORTED_FORMAT", /s3:\/\/sets\/name\/dog\/3\.jpg/),
    );
    await assert.rejects(dataset.get(4), codeOf("EMPTY_FILE", /dog\/4\.jpg/));
  });

  test("ends the epoch where an image is another than the list has", async () => {
    const server = await bucketOf(classes);
    const options = { text: null, ...quick({ endpoint: server.url }) } as const;
    const dataset = await MultimodalDataset.from("s3://sets/name", options);
    server.objects.set("sets/name/dog/1.jpg", readFileSync(fixture("images/jpeg-7x5.jpg")));
    await assert.rejects(dataset.get(2), codeOf("SOURCE_CHANGED", /dog\/1\.jpg/));
  });
});
