// Where units of images that are taken apart lie in memory, and what is refused of them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ImageProcessor, PixtokError, type RawPixels } from "pixtok";
import { requireImage } from "../../src/image/image-input.js";
import { coreOfProcessor } from "../../src/image/image-processor.js";
import { MAX_SIDE } from "../../src/image/image-side.js";
import type { Size } from "../../src/image/output-size.js";
import type { PictureGeometry } from "../../src/image/picture-geometry.js";
import type { Picture, View } from "../../src/image/view.js";
import { imageSizes } from "../../src/image/views/image-sizes.js";
import { areMovedDown, haveSameUnits, movePictures } from "../../src/image/views/move-pictures.js";
import {
  impossibleView,
  nativeViews,
  unfilledUnits,
  unitBytes,
} from "../../src/image/views/native-views.js";
import { layOut, requirePossible } from "../../src/image/views/picture-batch.js";
import type { PicturePlan } from "../../src/image/views/picture-plan.js";
import { pictureStorage, storingCore } from "../../src/image/views/picture-storage.js";
import { preparePictures } from "../../src/image/views/prepare-pictures.js";
import {
  releasePictures,
  requireSize,
  requireUnits,
  storingBy,
  stripOf,
} from "../../src/image/views/stored-pictures.js";
import { storedViews } from "../../src/image/views/stored-views.js";
import { WHOLE, wholeImages } from "../../src/image/views/whole-images.js";
import { allocateMemory, releaseMemory } from "../../src/native/batch-memory.js";
import { runtime } from "../../src/native/runtime.js";
import { neverAborted } from "../../src/shared/abort.js";
import { fixture } from "../support/fixtures.js";
import { load } from "../support/processor-folders.js";

const two = { width: 2, height: 2 };

/** A view that becomes units of this size, from the first on. */
const view = (width: number, height: number, first = 0, size = two): View => ({
  to: { width, height },
  cells: { size, first },
});
const picture = (units: number, ...views: View[]): Picture => ({ views, units, facts: {} });

describe("units that no view fills", () => {
  test("are those before, between and behind its views, in any order", () => {
    const views = [view(2, 4, 5), view(4, 2, 1)];
    assert.deepEqual(unfilledUnits(picture(9, ...views), two), [
      [0, 1],
      [3, 5],
      [7, 9],
    ]);
    assert.deepEqual(unfilledUnits(picture(2, view(4, 2)), two), []);
    assert.deepEqual(unfilledUnits(picture(1), two), [[0, 1]]);
  });

  test("are none within a larger view that others lie in", () => {
    const views = [view(8, 2), view(2, 2, 1)];
    assert.deepEqual(unfilledUnits(picture(5, ...views), two), [[4, 5]]);
  });

  test("are all where its units are smaller", () => {
    for (const size of [
      { width: 1, height: 2 },
      { width: 2, height: 1 },
    ])
      assert.deepEqual(unfilledUnits(picture(1, view(2, 2, 0, size)), two), [[0, 1]]);
  });
});

describe("an image that cannot be made", () => {
  const isPossible = (...views: View[]) => impossibleView(picture(1, ...views)) === undefined;
  const sized = (width: number, height: number): View => ({ to: { width, height } });

  test("has a side that is no whole number from 1 to the addon's limit", () => {
    assert.ok(isPossible(sized(1, MAX_SIDE), sized(MAX_SIDE, 1)));
    for (const side of [0, -1, 1.5, MAX_SIDE + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.ok(!isPossible(sized(1, 1), sized(side, 1)), `${side}`);
      assert.ok(!isPossible(sized(1, side)), `${side}`);
      const crop = { left: 0, top: 0, width: 1, height: side };
      assert.ok(!isPossible({ ...sized(1, 1), crop }), `${side}`);
    }
  });

  test("is told with its part and what that would become", () => {
    const crop = { left: 0, top: 0, width: 0, height: 5 };
    const possible = (one: View, most = 100) => requirePossible(picture(1, one), most);
    assert.throws(() => possible({ to: { width: 7, height: Number.NaN }, crop }), {
      code: "DOES_NOT_FIT",
      reason: "nothing of it is left, or too much: a part of 0 x 5 would become 7 x ?",
    });
    assert.throws(() => possible(sized(0, 3)), { reason: /a part of 0 x 3 would become 0 x 3$/ });
    possible(sized(10, 10));
    assert.throws(() => possible(sized(10, 10), 99), {
      code: "TOO_MANY_PIXELS",
      reason: "it becomes 10 x 10 pixels on its way, more than maxPixels = 99",
    });
  });
});

const geometry = (more: Partial<PictureGeometry> = {}, unit = {}): PictureGeometry => ({
  picture: () => picture(1),
  unit: {
    ...{ size: two, layout: "chw", copies: 1, dims: ({ width }: { width: number }) => [3, width] },
    ...unit,
  } as PictureGeometry["unit"],
  rows: "none",
  outputs: () => ({}),
  ...more,
});

describe("units of several images", () => {
  const pictures = [picture(2, view(4, 2)), picture(1), picture(3, view(2, 4, 1))];
  // of 3 x 2 x 2 bytes
  const unit = 12;

  test("follow each other where rows are none", () => {
    const found = layOut(pictures, [2, 1], geometry(), 1);
    assert.deepEqual([found.bytes, found.dims, found.rowUnits], [6 * unit, [6, 3, 2], 6]);
    assert.deepEqual(
      found.places.map(({ offset }) => offset),
      [0, 2 * unit, 3 * unit],
    );
    assert.deepEqual(found.zeros, [[], [[2 * unit, 3 * unit]], [[3 * unit, 4 * unit]]]);
  });

  test("are filled up to the longest row, of an image or of a list", () => {
    const images = layOut(pictures, [2, 1], geometry({ rows: "image" }), 1);
    assert.deepEqual([images.bytes, images.dims], [9 * unit, [3, 3, 3, 2]]);
    assert.deepEqual(
      images.places.map(({ offset }) => offset),
      [0, 3 * unit, 6 * unit],
    );
    assert.deepEqual(images.zeros, [
      [[2 * unit, 3 * unit]],
      [
        [3 * unit, 4 * unit],
        [4 * unit, 6 * unit],
      ],
      [[6 * unit, 7 * unit]],
    ]);
    const lists = layOut(pictures, [1, 0, 2], geometry({ rows: "list" }), 2);
    assert.deepEqual([lists.bytes, lists.dims], [12 * unit * 2, [3, 4, 3, 2]]);
    assert.deepEqual(
      lists.places.map(({ offset }) => offset / unit / 2),
      [0, 8, 9],
    );
    const zeros = lists.zeros.map((some) => some.map((pair) => pair.map((at) => at / unit / 2)));
    assert.deepEqual(zeros, [
      [
        [2, 4],
        [4, 8],
      ],
      [[8, 9]],
      [[9, 10]],
    ]);
  });

  test("have zeros where no view fills one, behind those of the images before", () => {
    const { zeros } = layOut([picture(2, view(4, 2)), picture(4, view(2, 4))], [2], geometry(), 1);
    assert.deepEqual(zeros, [[], [[4 * unit, 6 * unit]]]);
  });

  test("have an axis of their own where a class groups them", () => {
    const { dims } = layOut(pictures, [3], geometry({ group: 3 }), 1);
    assert.deepEqual(dims, [2, 3, 3, 2]);
  });

  test("are columns of one image where they stand side by side, and then are not moved", () => {
    const dims = ({ width, height }: Size, units: number) => [1, 3, height, width * units];
    const columns = geometry({}, { sideBySide: true, dims });
    const filled = [picture(2, view(4, 2)), picture(1, view(2, 2))];
    const found = layOut(filled, [2], columns, 4);
    assert.deepEqual([found.bytes, found.dims], [3 * unit * 4, [1, 3, 2, 6]]);
    assert.deepEqual(
      found.places.map(({ offset }) => offset),
      [0, 2 * 2 * 4],
    );
    const apart = layOut(filled, [2], geometry(), 4);
    assert.ok(!haveSameUnits(found, found) && !haveSameUnits(found, apart));
    assert.ok(!haveSameUnits(apart, found));
  });

  test("are as large as the largest, or have to be alike", () => {
    const sizes = [view(2, 6, 0, { width: 2, height: 6 }), view(5, 3, 0, { width: 5, height: 3 })];
    const unlike = sizes.map((one) => picture(1, one));
    const { unitSize } = layOut(unlike, [1, 1], geometry({}, { size: "largest" }), 1);
    assert.deepEqual(unitSize, { width: 5, height: 6 });
    assert.throws(() => layOut(unlike, [1, 1], geometry({}, { size: "same" }), 1), {
      ...{ code: "DOES_NOT_FIT", index: 1 },
      reason: "it becomes 5 x 3, and the first image 2 x 6: process them one at a time",
    });
    const [own] = unlike as [Picture];
    const alike = layOut([own, own], [1, 1], geometry({}, { size: "same" }), 1);
    assert.deepEqual(alike.unitSize, { width: 2, height: 6 });
    const higher = picture(1, view(2, 7, 0, { width: 2, height: 7 }));
    assert.throws(() => layOut([own, higher], [2], geometry({}, { size: "same" }), 1), {
      code: "DOES_NOT_FIT",
    });
  });

  test("may be moved into another layout with their zeros, downwards within one memory", () => {
    const fill = geometry({ rows: "image" });
    const from = layOut(pictures, [1, 1, 1], fill, 1);
    const to = layOut(pictures.slice(1), [1, 1], fill, 1);
    assert.ok(haveSameUnits(from, to));
    const narrow = { ...to, unitSize: { width: 1, height: 2 } };
    const low = { ...to, unitSize: { width: 2, height: 1 } };
    assert.deepEqual([haveSameUnits(from, narrow), haveSameUnits(from, low)], [false, false]);
    const moved = [
      { from: 1, to: 0, units: 1 },
      { from: 2, to: 1, units: 3 },
    ];
    assert.ok(areMovedDown(from, to, moved));
    assert.ok(!areMovedDown(to, from, [{ from: 0, to: 1, units: 1 }]));
    assert.ok(!areMovedDown({ ...from, bytes: to.bytes - 1 }, to, moved));
    assert.ok(areMovedDown({ ...from, bytes: to.bytes }, to, moved));
    assert.ok(!areMovedDown(from, to, [{ from: 0, to: 1, units: 1 }]));
    const memory = Uint8Array.from({ length: from.bytes }, (_, at) => 1 + Math.floor(at / unit));
    movePictures({ batch: from, memory }, { batch: to, memory }, moved);
    const units = Array.from({ length: 6 }, (_, at) => memory[at * unit]);
    // the first image's unit and what fills up its row; the three of the second
    assert.deepEqual(units, [4, 0, 0, 7, 8, 9]);
  });
});

test("of images whose sizes cannot be read, a fault of the machine is told before others", async () => {
  const { addon } = runtime();
  const failures = [
    [0, "CORRUPT_IMAGE", "it is damaged"],
    [1, "OUT_OF_MEMORY", "there is not enough memory"],
  ];
  const startBatch = () => ({ done: Promise.resolve([failures, []]), cancel() {} });
  Object.assign(runtime(), { addon: { startBatch } });
  const request = { images: ["a", "b"], indices: [5, 6], sources: ["a", "b"] };
  try {
    const reading = imageSizes(request, { native: null } as never);
    await assert.rejects(reading, { code: "OUT_OF_MEMORY", index: 6 });
  } finally {
    Object.assign(runtime(), { addon });
  }
});

test("the addon is given where each view's pixels go", () => {
  const place = {
    offset: 100,
    size: two,
    elementBytes: 4,
    unit: { layout: "chw", copies: 2 },
    rowUnits: 10,
  } as const;
  assert.equal(unitBytes(place), 3 * 2 * 4 * 4);
  assert.equal(unitBytes({ ...place, unit: { layout: "hwc", copies: 1 } }), 3 * 4 * 4);
  const whole: View = {
    ...{ from: 1, crop: { left: 5, top: 6, width: 7, height: 8 }, to: { width: 3, height: 4 } },
    frame: { size: { width: 6, height: 4 }, left: 1, top: 2, fill: [9, 8, 7] },
    ...{ cells: { size: two, first: 3, block: 2 }, cubic: true },
  };
  const plain: View = { to: { width: 3, height: 4 } };
  const { views, zeros } = nativeViews(picture(1, whole, plain), place, [
    [1, 2],
    [3, 4],
  ]);
  // of -0 and 0 the same
  assert.deepEqual(
    Array.from(views, (one) => one + 0),
    [
      ...[1, 5, 6, 7, 8, 3, 4, -1, -2, 9, 8, 7, 6, 4],
      ...[100 + 3 * 96, 2, 2, 3, 2, 2, 2, 2, 4, 24, 1],
      ...[-1, 0, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0, 3, 4],
      ...[-1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ],
  );
  assert.deepEqual([...zeros], [1, 2, 3, 4]);
  const rows = nativeViews(
    picture(1, view(2, 2)),
    { ...place, unit: { layout: "hwc", copies: 1 } },
    [],
  );
  assert.deepEqual([...rows.views].slice(-4), [6, 0, 12, 0]);
  const columns = { layout: "chw", copies: 1, sideBySide: true } as const;
  const inOne = nativeViews(picture(1, view(2, 2, 3)), { ...place, unit: columns }, []);
  // a row has all units, each begins two columns behind the one before
  assert.equal(inOne.views[14], 100 + 3 * 2 * 4);
  assert.deepEqual([...inOne.views].slice(-4), [20, 40, 2, 0]);
});

test("units that have each image several times are stored from one that is kept", () => {
  const place = {
    ...{ offset: 100, size: two, elementBytes: 4, rowUnits: 10 },
    unit: { layout: "chw", copies: 1, repeats: 2 },
  } as const;
  assert.equal(unitBytes(place), 2 * 48);
  const kept: View = { to: { width: 6, height: 6 } };
  const first: View = { ...view(4, 2, 1), from: 0 };
  const last: View = { ...view(2, 2), from: 1 };
  const { views } = nativeViews(picture(3, kept, first, last), place, []);
  const made = (from: number, width: number, height: number) => {
    return [from, 0, 0, 0, 0, width, height, 0, 0, 0, 0, 0, width, height];
  };
  const keptOnly = [-1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const stored = (at: number, across: number) => [at, 2, 2, across, 1, 1, 1, 2, 4, 24, 0];
  assert.deepEqual(
    Array.from(views, (one) => one + 0),
    [
      ...[...made(-1, 6, 6), ...keptOnly],
      ...[...made(0, 4, 2), ...keptOnly],
      ...[...made(1, 4, 2), ...stored(100 + 96, 2)],
      ...[...made(1, 4, 2), ...stored(100 + 96 + 48, 2)],
      ...[...made(1, 2, 2), ...keptOnly],
      ...[...made(4, 2, 2), ...stored(100, 1)],
      ...[...made(4, 2, 2), ...stored(100 + 48, 1)],
    ],
  );
});

describe("stored units", () => {
  const stored = (units: number, bytes: number, size = two) => ({
    ...{ data: new Uint8Array(bytes), units, unit: two },
    size,
  });

  test("are as many as the image's size says, of its bytes", () => {
    requireUnits(2, two, stored(2, 24));
    assert.throws(() => requireUnits(2, two, stored(2, 23)), {
      message: "an image has 23 bytes, of 24 by its size",
    });
    const message = /an image has 2 units of 2x2, of/;
    assert.throws(() => requireUnits(3, two, stored(2, 24)), { message });
    assert.throws(() => requireUnits(2, { width: 3, height: 2 }, stored(2, 24)), { message });
    assert.throws(() => requireUnits(2, { width: 2, height: 3 }, stored(2, 24)), { message });
  });

  test("are of an image of a size that there is", () => {
    const { config } = new ImageProcessor({ maxPixels: 6 });
    const sized = (width: number, height: number) =>
      requireSize(stored(1, 12, { width, height }), config);
    assert.deepEqual(sized(2, 3), { width: 2, height: 3 });
    for (const [width, height] of [
      [0, 3],
      [3, 0],
      [7, 1],
    ] as const) {
      assert.throws(() => sized(width, height), {
        name: "RangeError",
        message: `an image was ${width}x${height}, of 6 pixels at most`,
      });
    }
  });

  test("of whole images have three bytes for each pixel of their size", () => {
    const core = coreOfProcessor(new ImageProcessor({ resize: { width: 4, height: 5 } }));
    assert.equal(pictureStorage(core).imageBytes, 60);
  });

  test("of whole images are read again though they have more pixels than an image may", async () => {
    const larger = { resize: { width: 4, height: 5 }, maxPixels: 9 } as const;
    const processor = new ImageProcessor({ ...larger, type: "uint8", layout: "hwc" });
    const { plan } = pictureStorage(coreOfProcessor(processor));
    const data = Uint8Array.from({ length: 60 }, (_, i) => 4 * i);
    const image: RawPixels = { data, width: 4, height: 5, channels: 3 };
    const given = { lists: [1], measured: [{ size: { width: 3, height: 3 }, picture: WHOLE }] };
    const batch = plan.layOut(given);
    const memory = new Uint8Array(batch.bytes);
    const request = { images: [requireImage(image, 0)], indices: [0], sources: ["a"] };
    assert.deepEqual(await plan.prepare(request, given, batch, memory, {}), []);
    assert.deepEqual(memory.subarray(0, 60), data);
  });

  test("are an image, one below the other", () => {
    const { width, height, channels } = stripOf(stored(3, 36));
    assert.deepEqual([width, height, channels], [2, 6, 3]);
  });

  test("are made as the processor makes its images", () => {
    const { config } = new ImageProcessor({
      ...{ resize: { shortestEdge: 9 }, centerCrop: 5, filter: "bicubic", resampler: "pillow12" },
      ...{ convention: "huggingface", maxPixels: 999, exifOrientation: true, alpha: "white" },
      ...{ decode: "fast", mean: null, std: null, type: "float16" },
    });
    const { config: stored } = storingCore(config, "hwc");
    const bytes = { rescale: false, rescaleOffset: 0, type: "uint8", layout: "hwc" };
    assert.deepEqual(stored, { ...config, ...bytes });
  });

  test("are of the upright image where it is turned", async () => {
    const qwen = await load({
      ...{ image_processor_type: "Qwen2VLImageProcessor", patch_size: 2, merge_size: 1 },
      ...{ size: { shortest_edge: 16, longest_edge: 64 }, temporal_patch_size: 1 },
    });
    const { store } = pictureStorage(coreOfProcessor(qwen));
    const images = [fixture("oriented/orientation-6.jpg")];
    const request = { images, indices: [0], sources: ["a"] };
    const [upright] = await store(request, undefined, { signal: neverAborted });
    assert.deepEqual(upright?.size, { width: 24, height: 40 });
    const { facts } = upright as { facts: Readonly<Record<string, readonly number[]>> };
    const [down = 0, across = 0] = facts.image_grid_hw ?? [];
    assert.ok(down > across, `${down} x ${across}`);
  });

  test("are no higher than an image may be", async () => {
    const plan = {
      layOut: () => ({ unitSize: two, bytes: 12 }),
      prepare: async () => [],
    } as unknown as PicturePlan;
    const storing = storingBy(plan, (one) => one);
    const highest = { size: two, picture: picture(MAX_SIDE / 2, view(2, 2)) };
    const sample = { images: ["a.jpg"], indices: [4], sources: ["s"] };
    const [kept] = await storing(sample, [highest], {});
    assert.equal(kept?.units, MAX_SIDE / 2);
    releasePictures(kept === undefined ? [] : [kept]);
    const request = { images: ["a.jpg"], indices: [4], sources: ["s"] };
    const tall = picture(MAX_SIDE / 2 + 1, view(2, 2));
    await assert.rejects(storing(request, [{ size: two, picture: tall }], {} as never), {
      code: "DOES_NOT_FIT",
      index: 4,
      source: "s",
      reason: /524289 units/,
    });
    assert.deepEqual(await storing({ ...request, images: [] }, [], {} as never), []);
  });

  test("are as large as the largest, and those that are smaller lie in their corners", () => {
    const small = { width: 4, height: 2 };
    const wide = {
      to: { width: 6, height: 4 },
      cells: { size: { width: 3, height: 4 }, first: 2 },
    };
    const made = picture(4, view(4, 4, 0, small), wide);
    assert.deepEqual(storedViews(made), {
      picture: made,
      unit: { width: 4, height: 4 },
      views: [
        { crop: { left: 0, top: 0, ...small }, to: small, cells: { size: small, first: 0 } },
        { crop: { left: 0, top: 4, ...small }, to: small, cells: { size: small, first: 1 } },
        ...[2, 3].map((first) => {
          const to = { width: 3, height: 4 };
          return { crop: { left: 0, top: 4 * first, ...to }, to, cells: { size: to, first } };
        }),
      ],
    });
  });

  test("are what they are made of where numbers are made smaller", () => {
    const canvas = { width: 4, height: 4 };
    const source = { to: canvas };
    const tiles = { from: 1, to: canvas, cells: { size: two, first: 1 } };
    const small = { from: 1, to: two, cells: { size: two, first: 0 }, cubic: true };
    const made = picture(5, { to: two }, source, tiles, small);
    assert.deepEqual(storedViews(made), {
      picture: {
        views: [{ to: two }, { ...source, cells: { size: canvas } }],
        units: 1,
        facts: {},
      },
      unit: canvas,
      views: [source, { ...tiles, from: 0 }, { ...small, from: 0 }],
    });
  });
});

describe("memory of images that are taken apart is used again", () => {
  type Prepare = (plan: PicturePlan) => Promise<unknown>;
  const prepared: Prepare = (plan) => preparePictures(plan, ["a.jpg"], [1]);
  const storedUntil =
    (signal: AbortSignal): Prepare =>
    (plan) => {
      const request = { images: ["a.jpg"], indices: [0], sources: ["a"] };
      return storingBy(plan, (one) => one)(request, undefined, { signal });
    };
  const stored = storedUntil(neverAborted);

  const failing = () => [{ row: 0, error: new PixtokError("CORRUPT_IMAGE", "cut") }];
  /** The memory that an image of some bytes is prepared into, which comes to nothing. */
  const memoryOf = async (prepare: Prepare, bytes: number, fails: () => object[] = failing) => {
    let used: unknown;
    const plan = {
      measure: async () => [{ size: two, picture: picture(1, view(2, 2)) }],
      layOut: () => ({ unitSize: two, bytes }),
      prepare: async (...[, , , memory]: Parameters<PicturePlan["prepare"]>) => {
        used = memory.buffer;
        return fails();
      },
    } as unknown as PicturePlan;
    await assert.rejects(prepare(plan), /cut/);
    return used;
  };

  test("where one of them fails", async () => {
    for (const prepare of [prepared, stored])
      assert.equal(await memoryOf(prepare, 9_000_000), await memoryOf(prepare, 9_000_000));
  });

  test("for others that need less", async () => {
    // no other test leaves a block of such a size
    for (const prepare of [prepared, stored])
      assert.ok((await memoryOf(prepare, 150e6)) === (await memoryOf(prepare, 140e6)));
  });

  test("where another image of the row fails", async () => {
    const request = { images: ["a", "b"], indices: [0, 0], sources: ["a", "b"] };
    const rowOf = async () => {
      let used: unknown;
      const plan = {
        measure: async () => ["a", "b"].map(() => ({ size: two, picture: picture(1, view(2, 2)) })),
        layOut: () => ({ unitSize: two, bytes: 9_000_000 }),
        prepare: async (...[own, , , memory]: Parameters<PicturePlan["prepare"]>) => {
          if (own.sources[0] === "b") return failing();
          used = memory.buffer;
          return [];
        },
      } as unknown as PicturePlan;
      await assert.rejects(storingBy(plan, (one) => one)(request, undefined, {}), /cut/);
      return used;
    };
    const first = await rowOf();
    const blocks = [9_000_000, 9_000_000].map((bytes) => allocateMemory(bytes, true));
    assert.ok(blocks.some(({ buffer }) => buffer === first));
    for (const block of blocks) releaseMemory(block);
  });

  test("where they are given up, which throws the signal's reason", async () => {
    const givenUp = () => {
      const stop = new AbortController();
      return memoryOf(storedUntil(stop.signal), 9_000_000, () => {
        stop.abort(new Error("cut short"));
        return [];
      });
    };
    assert.equal(await givenUp(), await givenUp());
  });
});

test("whole images are prepared in runs of places that follow each other", async () => {
  const processor = new ImageProcessor({ resize: two, type: "uint8", layout: "hwc" });
  const slots: unknown[] = [];
  const plan = wholeImages(
    processor.config,
    () => ({ slotBytes: 12 }) as never,
    (sizes) => {
      slots.push(sizes);
      return {};
    },
  );
  const measured = [1, 2, 3].map((width) => ({ size: { width, height: 1 }, picture: picture(1) }));
  const batch = plan.layOut({ measured, lists: [3] });
  assert.deepEqual([batch.bytes, batch.dims, batch.rowUnits], [36, [3, 2, 2, 3], 3]);
  assert.deepEqual(
    batch.places.map(({ offset }) => offset),
    [0, 12, 24],
  );
  const memory = new Uint8Array(36);
  const failing = wholeImages(
    processor.config,
    () => coreOfProcessor(processor).plan(),
    () => ({}),
  );
  const request = { images: ["none-a.jpg", "none-b.jpg"], indices: [7, 9], sources: ["a", "b"] };
  for (const at of [
    [0, 1],
    [0, 2],
  ]) {
    const given = { measured, lists: [3] };
    const failed = await failing.prepare(request, given, batch, new Uint8Array(36), {}, at);
    const facts = failed.map(({ row, error }) => [row, error.index, error.source]);
    assert.deepEqual(facts.sort(), [
      [0, 7, "a"],
      [1, 9, "b"],
    ]);
  }
  const { pixels } = plan.results({ measured, lists: [3] }, batch, memory, () => memory);
  assert.deepEqual([pixels.dims, pixels.type], [[3, 2, 2, 3], "uint8"]);
  assert.deepEqual(slots, [measured.map(({ size }) => size)]);
});
