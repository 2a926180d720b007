// Images in columns of a packed set are those of its dataset, here and in Arrow's own readers.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { tableFromIPC } from "apache-arrow";
import {
  type AnyDataset,
  concat,
  type DataLoaderOptions,
  ImageProcessor,
  type ImageProcessorOptions,
  MultimodalDataset,
  type MultimodalDatasetOptions,
  openSource,
  packDataset,
  verifyPack,
} from "pixtok";
import {
  type PackConfig,
  readPackedFileMetadata,
  schemaMetadata,
} from "../../src/sources/packed/pack-format.js";
import { closedServers } from "../support/closed-servers.js";
import { startFileServer } from "../support/file-server.js";
import { fixture } from "../support/fixtures.js";
import { allImages, assertSameEpoch, epochOf } from "../support/packs.js";
import { codeOf, newFolder } from "../support/packs-of-images.js";
import { python, withoutPython } from "../support/python.js";
import { contentsOf, quick } from "../support/remote-sets.js";

const serve = closedServers(startFileServer);
const paths = allImages()
  .filter((path) => /(jpeg|png|gif|webp)-[^/]*$/.test(path))
  .slice(0, 16);
const rows = paths.length;
/** Each image, and beside it another one as its mask. */
const source = {
  length: rows,
  get: (index: number) => ({
    image: paths[index] as string,
    text: "",
    key: `${index}`,
    columns: { mask: paths[(index + 7) % rows] as string, label: index },
  }),
};
const image = new ImageProcessor({ resize: { width: 20, height: 16 } });
const mask = new ImageProcessor({ resize: { width: 12, height: 10 }, filter: "nearest" });
type Column = Exclude<NonNullable<MultimodalDatasetOptions["columns"]>, "auto">[string];
const own = { type: "image", processor: mask } as const;

const masked = (column: Column, options: Partial<MultimodalDatasetOptions> = {}): AnyDataset =>
  new MultimodalDataset({
    ...{ source, text: null, image },
    ...options,
    columns: { label: "int64", mask: column },
  } as never);
async function packed(dataset: AnyDataset, fileBytes = 2 ** 20): Promise<string> {
  const folder = newFolder();
  await packDataset(dataset, folder, { fileBytes });
  return folder;
}
/** As assertSameEpoch(), of images alone: what is drawn is of what was stored. */
async function assertSamePixels(actual: AnyDataset, expected: AnyDataset): Promise<void> {
  const pixels = async (dataset: AnyDataset) =>
    (await epochOf(dataset)).map((batch) => {
      const { image, mask } = batch as Record<string, unknown>;
      return { image, mask };
    });
  assert.deepEqual(await pixels(actual), await pixels(expected));
}
const opened = (folder: string, column: Column, options: object = {}): Promise<AnyDataset> =>
  MultimodalDataset.from(folder, { ...options, columns: { label: "int64", mask: column } });

describe("a column of images of a packed set", () => {
  const bytes = 3 * (20 * 16 + 12 * 10) + 8;
  const folder = packed(masked(own), 10 * bytes);

  test("is that of its dataset, to the last bit, by what it was packed with", async () => {
    const files = readdirSync(await folder).filter((name) => name.endsWith(".arrow"));
    assert.equal(files.length, Math.ceil(rows / 10)); // its bytes count for the size of files
    const order: DataLoaderOptions = { batchSize: 7, shuffle: true, seed: 3 };
    await assertSameEpoch(await opened(await folder, "image"), masked(own), order);
    const { ok, pairs } = await verifyPack(await folder);
    assert.deepEqual([ok, pairs], [true, rows]);
  });

  test("is there where it is asked for, and may be normalized in another way", async () => {
    const plain = await MultimodalDataset.from(await folder, { columns: "auto" });
    assert.deepEqual(Object.keys((await plain.get(0)).columns), ["label"]);
    const bytesOf = new ImageProcessor({
      ...{ resize: { width: 12, height: 10 }, filter: "nearest" },
      ...{ type: "uint8", layout: "hwc" },
    });
    const asked = { type: "image", processor: bytesOf } as const;
    await assertSameEpoch(await opened(await folder, asked), masked(asked));
  });

  test("is refused where the pack cannot give it, naming what differs", async () => {
    const other = (options: ImageProcessorOptions) =>
      ({ type: "image", processor: new ImageProcessor({ ...mask.config, ...options }) }) as const;
    for (const [column, message] of [
      [other({ filter: "bilinear" }), /columns\.mask\.processor\.filter is "nearest" in the pack/],
      [
        { ...own, augmentation: { randomResizedCrop: {} } },
        /columns\.mask\.augmentation\.randomResizedCrop takes parts of the original/,
      ],
    ] as const) {
      await assert.rejects(opened(await folder, column), codeOf("PACK_MISMATCH", message));
    }
    for (const columns of [{ masks: "image" }, { label: "image" }] as const) {
      const [name] = Object.keys(columns);
      await assert.rejects(
        MultimodalDataset.from(await folder, { columns }),
        codeOf("PACK_MISMATCH", new RegExp(`"${name}" among the columns of images, got mask`)),
      );
    }
    await assert.rejects(
      openSource(await folder, { imageColumns: ["masks"] }),
      codeOf("PACK_MISMATCH", /imageColumns: expected "masks" among/),
    );
    await assert.rejects(
      openSource(await folder, { columns: ["mask"] }),
      codeOf("PACK_MISMATCH", /columns: "mask" is a column of images; expected it in imageColumns/),
    );
  });

  test("is drawn for as without packing: what moves pixels, alike or by numbers of its own", async () => {
    const augmentation = { horizontalFlip: 0.5, randomRotation: { degrees: 20 } };
    for (const draws of ["same", "separate"] as const) {
      const column = { ...own, draws };
      await assertSamePixels(
        await opened(await folder, column, { augmentation }),
        masked(column, { augmentation }),
      );
    }
  });

  test("may be stored with a margin for random crops, which stay in register", async () => {
    const margin = { resize: { width: 20, height: 16 }, centerCrop: { width: 9, height: 8 } };
    const cropped = new ImageProcessor(margin);
    const nearest = new ImageProcessor({ ...margin, filter: "nearest" });
    const whole = {
      ...own,
      processor: new ImageProcessor({ ...nearest.config, centerCrop: null }),
    };
    const path = await packed(masked(whole));
    const augmentation = { randomCrop: {}, horizontalFlip: 0.5 };
    const column = { type: "image", processor: nearest } as const;
    await assertSamePixels(
      await opened(path, column, { image: cropped, augmentation }),
      masked(column, { image: cropped, augmentation }),
    );
  });

  test("keeps its rows in step where bad ones are left out", async () => {
    const isBad = (index: number) => index % 5 === 2;
    const some = {
      length: rows,
      get: (index: number) => {
        const pair = source.get(index);
        return isBad(index)
          ? { ...pair, columns: { ...pair.columns, mask: "no-such-file.png" } }
          : pair;
      },
    };
    const dataset = masked(own, { source: some });
    await assert.rejects(
      packDataset(dataset, newFolder()),
      codeOf("FILE_NOT_FOUND", /no-such-file\.png, column mask/),
    );
    const path = newFolder();
    const { errors } = await packDataset(dataset, path, { onError: "skip" });
    const bad = Array.from({ length: rows }, (_, index) => index).filter(isBad);
    assert.deepEqual(
      errors.list.map(({ index }) => index),
      bad.slice(0, errors.list.length),
    );
    const left = await opened(path, "image");
    const good = Array.from({ length: rows }, (_, index) => index).filter((i) => !isBad(i));
    assert.equal(left.length, good.length);
    for (const [row, index] of good.entries()) {
      const { columns } = await left.get(row);
      assert.deepEqual(columns, (await masked(own).get(index)).columns);
    }
  });

  test("is the same of a set elsewhere, and of several sets", async () => {
    const server = await serve(contentsOf(await folder));
    const files = Math.ceil(rows / 10);
    const last = String(files - 1).padStart(5, "0");
    const url = `${server.url}/data-{00000..${last}}-of-${String(files).padStart(5, "0")}.arrow`;
    await assertSameEpoch(await opened(url, "image", quick()), masked(own));
    const open = { columns: ["label"], imageColumns: ["mask"] };
    const one = await openSource(await folder, open);
    const both = await MultimodalDataset.from(concat([one, one]), {
      columns: { mask: "image" },
    });
    assert.deepEqual(
      (await both.get(rows + 1)).columns.mask,
      (await masked(own).get(1)).columns.mask,
    );
    const other = await openSource(await packed(masked({ type: "image", processor: image })), open);
    assert.throws(
      () => concat([one, other]),
      codeOf("PACK_MISMATCH", /imageColumns\.0\.processor/),
    );
  });

  test("is not augmented when it is packed, and has a name that Arrow can hold", async () => {
    await assert.rejects(
      packDataset(masked({ ...own, augmentation: { horizontalFlip: 0.5 } }), newFolder()),
      /^TypeError: dataset: expected one without augmentation/,
    );
    const nameless = { source, text: null, image, columns: { "": "image" } } as const;
    await assert.rejects(
      packDataset(new MultimodalDataset(nameless), newFolder()),
      /^RangeError: dataset: expected columns of names in Unicode/,
    );
  });
});

describe("Arrow reads images in columns of a packed set", () => {
  const expected = JSON.parse(readFileSync(fixture("image-columns/expected.json"), "utf8")) as {
    image2: number[];
  }[];
  const file = (async () => {
    const folder = newFolder();
    const processor = new ImageProcessor({ resize: { width: 3, height: 6 } });
    const pairs = await MultimodalDataset.from(fixture("image-columns/pairs.parquet"), {
      ...{ text: null, image },
      columns: { image2: { type: "image", processor } },
    });
    await packDataset(pairs, folder, { onError: "skip" }); // the last row has no second image
    return join(folder, "data-00000-of-00001.arrow");
  })();
  /** Planes of a row of Pillow's pixels. */
  const planes = ({ image2 }: { image2: number[] }) =>
    [0, 1, 2].flatMap((channel) => image2.filter((_, i) => i % 3 === channel));
  const inPlanes = expected.slice(0, 2).map(planes);

  test("in JavaScript", async () => {
    const table = tableFromIPC(readFileSync(await file));
    const { fields } = table.schema;
    const metadata = fields.find(({ name }) => name === "image2")?.metadata ?? [];
    assert.deepEqual(Object.fromEntries(metadata), {
      "ARROW:extension:name": "datasets.features.features.Array3DExtensionType",
      "ARROW:extension:metadata": '[[3,6,3],"uint8"]',
      shape: "[3,6,3]",
      type: "image",
    });
    const rows: number[][][][] = JSON.parse(JSON.stringify(table.getChild("image2")));
    assert.deepEqual(
      rows.map((row) => row.flat(2)),
      inPlanes,
    );
  });

  test("in Python", { skip: withoutPython({ pyarrow: "26." }) }, async () => {
    const program = `
import json, sys, pyarrow
mapped = pyarrow.ipc.open_stream(pyarrow.memory_map(sys.argv[1]))
shape = json.loads(mapped.schema.field("image2").metadata[b"shape"])
table = mapped.read_all()
table.validate(full=True)
print(json.dumps([shape, table["image2"].to_pylist()]))`;
    const { stdout, stderr } = spawnSync(python, ["-c", program, await file], { encoding: "utf8" });
    assert.notEqual(stdout, "", stderr);
    const [shape, rows]: [number[], number[][][][]] = JSON.parse(stdout);
    assert.deepEqual([shape, rows.map((row) => row.flat(2))], [[3, 6, 3], inPlanes]);
  });
});

describe("what a packed file says of columns of images", () => {
  const column = { name: "mask", size: { width: 12, height: 10 }, processor: mask.config };
  const config = {
    format: 1,
    size: { width: 20, height: 16 },
    processor: image.config,
    ...{ text: null, tokenizer: null },
    columns: [{ name: "label", type: "int64", shape: [], size: 1, classes: null }],
    source: { pairs: 1, fingerprint: null },
    shardPairs: 1,
  } as unknown as PackConfig;
  const read = (imageColumns: unknown) => {
    const metadata = {
      config: { ...config, imageColumns },
      shard: 0,
      shards: 1,
      first: 0,
      versions: {},
    };
    return readPackedFileMetadata(schemaMetadata(metadata as never, ""), "x.arrow").config;
  };

  test("is nothing in those that were packed before there were any", () => {
    assert.deepEqual(read(undefined).imageColumns, []);
    assert.deepEqual(read([column]).imageColumns, [column]);
  });

  for (const [what, given, message] of [
    ["no list", {}, /imageColumns: expected an array/],
    ["too many", Array.from({ length: 1025 }, (_, i) => ({ ...column, name: `${i}` })), /at most/],
    ["no object", ["mask"], /imageColumns\[0\]: expected an object/],
    ["no name", [{ ...column, name: 3 }], /imageColumns\[0\]\.name/],
    ["the name of another one", [{ ...column, name: "label" }], /\[0\]\.name: expected another/],
    ["a name twice", [column, column], /imageColumns\[1\]\.name: expected another name/],
    [
      "another size",
      [{ ...column, size: { width: 12, height: 9 } }],
      /\[0\]\.size: expected 12x10/,
    ],
    ["no size", [{ ...column, size: 3 }], /imageColumns\[0\]\.size: expected an object/],
    ["no processor", [{ ...column, processor: null }], /\[0\]\.processor: expected an object/],
  ] as const) {
    test(`is refused where it is ${what}`, () => {
      assert.throws(() => read(given), codeOf("INVALID_PACK", message));
    });
  }
});
