// Packs whose checksums are right, and whose images that are taken apart are not what their sizes say.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { type Data, makeData, Struct } from "apache-arrow";
import { DataLoader, MultimodalDataset, PixtokError, packDataset } from "pixtok";
import type { StoredPicture } from "../../src/image/views/stored-pictures.js";
import { folderFile } from "../../src/packing/folder-file.js";
import { openPackedFileWriter } from "../../src/packing/packed-file-writer.js";
import { byteLists, packFields, tokenRows } from "../../src/sources/packed/pack-columns.js";
import { type PackedPictures, packedFileName } from "../../src/sources/packed/pack-format.js";
import { openPackedFile } from "../../src/sources/packed/packed-file.js";
import { readRows } from "../../src/sources/packed/packed-rows.js";
import { newFolder } from "../support/packs-of-images.js";
import { photo } from "../support/processor-folders.js";
import { loadVision, visionConfigs } from "../support/vision-batches.js";

const image = await loadVision(visionConfigs.patches);
const sound = newFolder();
await packDataset(
  new MultimodalDataset({ imagePaths: [[photo]], text: null, image, maxImages: 2 }),
  sound,
);
const { metadata } = openPackedFile(join(sound, packedFileName(0, 1)));
/** Of 8 x 8 patches of 4 x 4. */
const picture: StoredPicture = {
  data: new Uint8Array(64 * 48),
  units: 64,
  unit: { width: 4, height: 4 },
  size: { width: 32, height: 32 },
  facts: { image_grid_thw: [1, 8, 8] },
};

/** A pack of one row. */
async function packOf(
  images: readonly StoredPicture[],
  keys: object = metadata.config.pictures?.keys ?? {},
): Promise<string> {
  const folder = newFolder();
  mkdirSync(folder, { recursive: true });
  const path = join(folder, packedFileName(0, 1));
  const pictures = { ...metadata.config.pictures, keys } as PackedPictures;
  const config = { ...metadata.config, pictures };
  const writer = await openPackedFileWriter(
    folderFile(path, "0123456789ab"),
    { ...metadata, config },
    1,
  );
  const row = {
    keys: ["a"],
    indices: [0],
    columns: [],
    imageColumns: [],
    texts: null,
    conversations: null,
  };
  await writer.write({ ...row, images: [images] });
  await writer.finish();
  return folder;
}

describe("an image of a pack that is taken apart", () => {
  test("is read where its units are those of its size", async () => {
    const dataset = await MultimodalDataset.from(await packOf([picture, picture]));
    const { data } = Reflect.get(await dataset.get(0), "image_grid_thw");
    assert.deepEqual(Array.from(data as BigInt64Array, Number), [1, 8, 8, 1, 8, 8]);
  });

  const forged: Record<string, object> = {
    "a class that takes no images apart": { image_processor_type: "CLIPImageProcessor" },
    "keys that are not its own": {
      image_processor_type: "Qwen2VLImageProcessor",
      size: { a: [1] },
    },
    "a class that there is not": { image_processor_type: "toString" },
  };
  for (const [what, keys] of Object.entries(forged)) {
    test(`is refused where the pack says that it is of ${what}`, async () => {
      const opening = MultimodalDataset.from(await packOf([picture], keys));
      await assert.rejects(opening, (error) => {
        assert.ok(error instanceof PixtokError, String(error));
        return true;
      });
    });
  }

  const huge = 2 ** 31 - 1;
  const cases: Record<string, [Partial<StoredPicture>[], RegExp]> = {
    "units that are too few": [
      [{ units: 63, data: new Uint8Array(63 * 48) }],
      /has 63 units of 4x4, of 64 of 4x4 by its size/,
    ],
    "units beyond all there are": [[{ units: huge }], /has 2147483647 units/],
    "units below none": [[{ units: -64 }], /has -64 units/],
    "units of another size": [[{ unit: { width: 8, height: 2 } }], /units of 8x2/],
    "bytes that are too few": [[{ data: new Uint8Array(64 * 48 - 1) }], /has 3071 bytes, of 3072/],
    "bytes that are too many": [[{ data: new Uint8Array(64 * 48 + 1) }], /has 3073 bytes/],
    "no bytes": [[{ data: new Uint8Array() }], /has 0 bytes/],
    "a size that no image has": [[{ size: { width: huge, height: huge } }], /pixels at most/],
    "a size of nothing": [[{ size: { width: 0, height: 32 } }], /was 0x32/],
    "a size below nothing": [[{ size: { width: -32, height: -32 } }], /was -32x-32/],
    "a size that its class refuses": [
      [{ size: { width: 6000, height: 2 } }],
      /index|ratio|fit|200/,
    ],
    "more images than a row has": [[{}, {}, {}], /a row has 3 images, of 2/],
  };
  for (const [what, [images, message]] of Object.entries(cases)) {
    test(`is an error of its row where it has ${what}`, async () => {
      const folder = await packOf(images.map((one) => ({ ...picture, ...one })));
      const dataset = await MultimodalDataset.from(folder);
      await assert.rejects(dataset.get(0), { code: "INVALID_PACK", index: 0, message });
      const loader = new DataLoader(dataset, { batchSize: 1, onError: "skip" });
      await assert.rejects(loader[Symbol.asyncIterator]().next(), { code: "NO_READABLE_SAMPLE" });
      assert.equal(loader.errors.list[0]?.code, "INVALID_PACK");
    });
  }
});

describe("lists of images and of their shapes", () => {
  const { config } = metadata;
  const numbers = (type: typeof tokenRows.valueType.valueType, data: ArrayLike<number>): Data =>
    makeData({ type, length: data.length, nullCount: 0, data } as never);
  const lists = (type: unknown, outer: number[], inner: number[], values: Data): Data => {
    const inList = (own: unknown, offsets: number[], child: Data): Data =>
      makeData({
        ...{ type: own, length: offsets.length - 1, nullCount: 0, child },
        valueOffsets: Int32Array.from(offsets),
      } as never);
    const { valueType } = type as typeof tokenRows;
    return inList(type, outer, inList(valueType, inner, values));
  };
  const [bytes, integers] = [byteLists.valueType.valueType, tokenRows.valueType.valueType];
  const whole = {
    images: lists(byteLists, [0, 1], [0, 3], numbers(bytes as never, new Uint8Array(3))),
    shapes: lists(tokenRows, [0, 1], [0, 4], numbers(integers, Int32Array.of(1, 1, 1, 3))),
    sizes: lists(tokenRows, [0, 1], [0, 2], numbers(integers, Int32Array.of(1, 1))),
  };
  const read = (changed: Partial<typeof whole>) => {
    const { images, shapes, sizes } = { ...whole, ...changed };
    const type = new Struct(packFields(config));
    const children = [images, shapes, sizes];
    return readRows(makeData({ type, length: 1, nullCount: 0, children }), config);
  };

  test("are refused where they are not of the same images, or not of as many numbers", () => {
    const four = numbers(integers, Int32Array.of(1, 1, 1, 3));
    const together = /images and their shapes do not go together/;
    for (const [changed, message] of [
      [{ shapes: lists(tokenRows, [0, 1], [0, 3], four) }, together],
      [{ shapes: lists(tokenRows, [0, 0], [0, 4], four) }, together],
      [{ sizes: lists(tokenRows, [0, 1], [0, 4], four) }, together],
      [{ sizes: lists(tokenRows, [0, 1], [0, 5], four) }, /offsets are not in order/],
      [
        { images: lists(byteLists, [0, 2], [0, 3], numbers(bytes as never, new Uint8Array(3))) },
        /not in order/,
      ],
      [
        { images: lists(byteLists, [0, 1], [0, 9], numbers(bytes as never, new Uint8Array(3))) },
        /not in order/,
      ],
      [
        { images: lists(byteLists, [0, 1], [2, 1], numbers(bytes as never, new Uint8Array(3))) },
        /not in order/,
      ],
      [
        { images: lists(byteLists, [1, 1], [0, 3], numbers(bytes as never, new Uint8Array(3))) },
        /do not begin/,
      ],
    ] as const) {
      assert.throws(
        () => read(changed as never),
        (error) => {
          assert.ok(error instanceof RangeError);
          assert.match(error.message, message);
          return true;
        },
      );
    }
  });
});
