// Samples of a WebDataset that have several images.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { DataLoader, type ImageRange, MultimodalDataset, openWebDataset } from "pixtok";
import { fixture } from "../support/fixtures.js";
import { tinyImage } from "../support/pairs.js";
import { assertBad, context, openFiles, write } from "../support/shards.js";
import { tarOf } from "../support/tar.js";

/** Names of the images of a sample, as their bytes say, in their order. */
async function namesIn(files: readonly string[], options = {}): Promise<unknown> {
  const all = [...files, "a.txt"].map((name) => [name, name] as const);
  const { image } = await (await openFiles(all, options)).get(0, context);
  const nameOf = (one: unknown) => {
    if (one === null) return null;
    const { path, offset, length } = one as ImageRange;
    return readFileSync(path).toString("utf8", offset, offset + length);
  };
  return Array.isArray(image) ? image.map(nameOf) : nameOf(image);
}

describe("images of a sample that differ in a number alone", () => {
  test("are a list in the order of the numbers", async () => {
    const cases = [
      [
        ["a.1.jpg", "a.0.jpg"],
        ["a.0.jpg", "a.1.jpg"],
      ],
      [
        ["a.img10.png", "a.img9.jpg", "a.img2.webp"],
        ["a.img2.webp", "a.img9.jpg", "a.img10.png"],
      ],
      [
        ["a.page-001.jpg", "a.page-003.jpg"],
        ["a.page-001.jpg", "a.page-003.jpg"],
      ],
    ] as const;
    for (const [files, expected] of cases) assert.deepEqual(await namesIn(files), expected);
  });

  test("are one image where there is one, and behind one without a number", async () => {
    assert.equal(await namesIn(["a.0.jpg"]), "a.0.jpg");
    assert.equal(await namesIn(["a.0.jpg", "a.jpg", "a.1.jpg"]), "a.jpg");
  });

  test("are those of the extension that is given", async () => {
    const files = ["a.0.jpg", "a.0.png", "a.1.jpg"];
    assert.deepEqual(await namesIn(files, { imageExtension: "jpg" }), ["a.0.jpg", "a.1.jpg"]);
    assert.deepEqual(await namesIn(files, { imageExtension: "1.jpg" }), "a.1.jpg");
  });

  test("are refused where two have one number, or other names", async () => {
    for (const [first, second] of [
      ["0.jpg", "0.png"],
      ["1.jpg", "01.jpg"],
      ["left1.jpg", "right2.jpg"],
      ["left.jpg", "0.jpg"],
    ]) {
      const files = [first, second].map((name) => [`a.${name}`, "x"] as const);
      const source = await openFiles([...files, ["a.txt", "x"]]);
      await assertBad(
        source,
        0,
        /a: it has several images, .*imageExtension chooses one, or a list/,
      );
    }
  });

  test("are stacked with a mask, samples of any number of them", async () => {
    const photo = readFileSync(fixture("images/jpeg-7x5.jpg"));
    const names = ["a.0.jpg", "a.1.jpg", "b.0.jpg", "c.0.jpg", "c.1.jpg", "c.2.jpg"];
    const path = write(tarOf(names.map((name) => [name, photo] as const)));
    const options = { text: null, image: tinyImage, maxImages: 2 } as const;
    const dataset = await MultimodalDataset.from(path, options);
    for await (const { image, image_mask, keys } of new DataLoader(dataset, { batchSize: 3 })) {
      assert.deepEqual(image.dims, [3, 2, 1, 1, 3]);
      assert.deepEqual([...image_mask.data], [1, 1, 1, 0, 1, 1]);
      assert.deepEqual(keys, ["a", "b", "c"]);
    }
  });

  test("are named in errors by sample and number", async () => {
    const path = write(
      tarOf([
        ["a.0.jpg", "x"],
        ["a.1.jpg", ""],
      ]),
      "numbered/x.tar",
    );
    const dataset = await MultimodalDataset.from(path, { text: null, maxImages: 2 });
    await assert.rejects(dataset.get(0), /x\.tar#a, image 1/);
  });
});

describe("imageExtension as a list", () => {
  const imageExtension = ["left.jpg", "right.jpg"];

  test("gives images in its order, null for one that is missing", async () => {
    const files = ["a.right.jpg", "a.left.jpg", "a.other.jpg"];
    assert.deepEqual(await namesIn(files, { imageExtension }), ["a.left.jpg", "a.right.jpg"]);
    assert.deepEqual(await namesIn(["a.right.jpg"], { imageExtension }), [null, "a.right.jpg"]);
  });

  test("takes any image of a format, but not two", async () => {
    const options = { imageExtension: ["jpg", "png"] };
    assert.deepEqual(await namesIn(["a.x.png", "a.y.jpg"], options), ["a.y.jpg", "a.x.png"]);
    const source = await openFiles(
      ["a.x.png", "a.y.png", "a.txt"].map((name) => [name, "x"] as const),
      options,
    );
    await assertBad(source, 0, /a: it has several images, \.x\.png, \.y\.png, for one of image/);
  });

  test("has extensions, each once", async () => {
    const path = write(tarOf([["a.jpg", "x"]]), "list/x.tar");
    for (const given of [[], ["jpg", ".JPG"], ["jpg", 3], [""]]) {
      await assert.rejects(
        openWebDataset(path, { imageExtension: given as string[] }),
        /imageExtension/,
      );
    }
  });
});
