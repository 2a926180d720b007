// Images and numbers of a shape in a packed file: arrays of Hugging Face's `datasets`, whose rows lie as they did in
// the first format. test/data/packs/format-1 was written by pixtok before there was another.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { DataLoader, ImageProcessor, MultimodalDataset, packDataset } from "pixtok";
import { isArray } from "../../src/sources/packed/pack-columns.js";
import { fixture } from "../support/fixtures.js";
import { python, withoutPython } from "../support/python.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-arrays-"));
after(() => rmSync(root, { recursive: true }));
const [width, height] = [6, 4];
const count = 3;
const byteAt = (image: number, k: number) => (image * 50 + k) % 256;
const boxAt = (image: number) => [
  [image, 1],
  [2, 3],
  [4, 5],
];

const pixelsOf = (i: number) => ({
  data: Uint8Array.from({ length: width * height * 3 }, (_, k) => byteAt(i, k)),
  ...({ width, height, channels: 3, layout: "hwc" } as const),
});

/** Three images of 6 x 4, with boxes of shape [3, 2] and labels. */
function numbered() {
  const source = {
    length: count,
    get: (i: number) => ({ image: pixelsOf(i), text: "", columns: { box: boxAt(i), label: i } }),
  };
  return new MultimodalDataset({
    source,
    text: null,
    image: new ImageProcessor({ resize: { width, height } }),
    columns: { box: { type: "float32", shape: [3, 2] }, label: "int64" },
  });
}

/** What a pack gives: the bytes of its images in planes, boxes and labels. */
async function contents(folder: string) {
  const columns = { box: { type: "float32", shape: [3, 2] }, label: "int64" } as const;
  const image = new ImageProcessor({ resize: { width, height }, rescale: false, type: "uint8" });
  const dataset = await MultimodalDataset.from(folder, { text: null, image, columns });
  for await (const batch of new DataLoader(dataset, { batchSize: count })) {
    const { box, label } = batch.columns;
    return { image: [...batch.image.data], box: [...box.data], label: [...label.data].map(Number) };
  }
  throw new Error("there is no batch");
}

const expected = {
  image: Array.from({ length: count }, (_, i) =>
    Array.from({ length: 3 * height * width }, (_, k) => {
      const [plane, pixel] = [Math.floor(k / (height * width)), k % (height * width)];
      return byteAt(i, pixel * 3 + plane);
    }),
  ).flat(),
  box: Array.from({ length: count }, (_, i) => boxAt(i)).flat(2),
  label: [0, 1, 2],
};

describe("images and boxes in a packed file", () => {
  const folder = join(root, "packed");
  before(() => packDataset(numbered(), folder));

  test("are read as they were packed", async () => {
    assert.deepEqual(await contents(folder), expected);
  });

  test("are arrays in Python, where they lie", { skip: withoutPython({ pyarrow: "26." }) }, () => {
    const program = `
import json, sys, pyarrow
mapped = pyarrow.memory_map(sys.argv[1])
batch = pyarrow.ipc.open_stream(mapped).read_next_batch()
batch.validate(full=True)
allocated = pyarrow.total_allocated_bytes()
found = {}
for name in ("image", "box"):
    field, numbers = batch.schema.field(name), batch.column(name)
    shape = json.loads(field.metadata[b"shape"])
    for _ in shape:
        numbers = numbers.flatten()
    array = numbers.to_numpy(zero_copy_only=True).reshape(-1, *shape)
    extension = {key.decode()[16:]: value.decode() for key, value in field.metadata.items() if key != b"shape"}
    found[name] = [str(field.type), extension, array.dtype.name, array.shape, array.ravel().tolist()]
print(json.dumps([found, pyarrow.total_allocated_bytes() - allocated]))`;
    const file = join(folder, "data-00000-of-00001.arrow");
    const { stdout, stderr } = spawnSync(python, ["-c", program, file], { encoding: "utf8" });
    assert.notEqual(stdout, "", stderr);
    const of = (axes: number, metadata: string) => ({
      name: `datasets.features.features.Array${axes}DExtensionType`,
      metadata,
    });
    const image = [
      "list<item: list<item: list<item: uint8>>>",
      of(3, '[[3,4,6],"uint8"]'),
      ...["uint8", [count, 3, height, width], expected.image],
    ];
    const box = [
      "list<item: list<item: float>>",
      of(2, '[[3,2],"float32"]'),
      ...["float32", [count, 3, 2], expected.box],
    ];
    assert.deepEqual(JSON.parse(stdout), [{ image, box }, 0]);
  });
});

test("numbers of more axes than an array has are read as they were packed", async () => {
  const image = new ImageProcessor({ resize: { width, height } });
  const columns = { deep: { type: "int64", shape: [1, 1, 1, 1, 2, 3] } } as const;
  const deepAt = (i: number) => [
    [
      [
        [
          [
            [i, 1, 2],
            [3, 4, 5],
          ],
        ],
      ],
    ],
  ];
  const source = {
    length: count,
    get: (i: number) => ({ image: pixelsOf(i), text: "", columns: { deep: deepAt(i) } }),
  };
  const folder = join(root, "deep");
  await packDataset(new MultimodalDataset({ source, text: null, image, columns }), folder);
  const opened = await MultimodalDataset.from(folder, { text: null, image, columns });
  for (const row of [0, 2]) {
    const { deep } = (await opened.get(row)).columns;
    assert.deepEqual([...deep.data].map(Number), deepAt(row).flat(5));
  }
});

test("arrays have two to five axes, as those of datasets, from the second format on", () => {
  const axes = [0, 1, 2, 5, 6].map((count) => isArray(Array(count).fill(1), 2));
  assert.deepEqual(axes, [false, false, true, true, false]);
  assert.equal(isArray([3, 2], 1), false);
});

describe("a packed set of the first format", () => {
  test("is read", async () => {
    assert.deepEqual(await contents(fixture("packs/format-1")), expected);
  });

  test("gets no files of another one", async () => {
    const folder = join(root, "first");
    cpSync(fixture("packs/format-1"), folder, { recursive: true });
    await assert.rejects(packDataset(numbered(), folder), {
      code: "PACK_MISMATCH",
      message: /format is 1 in the pack, and 2 is asked for/,
    });
  });
});
