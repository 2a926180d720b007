// What the addon refuses of memory that its threads would read or write beyond: at the last byte, and the one behind it.

import assert from "node:assert/strict";
import { closeSync, ftruncateSync, openSync } from "node:fs";
import { describe, test } from "node:test";
import type {
  NativeMixRequest,
  NativePixels,
  NativePlanOptions,
  NativeRandom,
  NativeRegion,
  NativeYccImage,
} from "../../src/native/addon.js";
import { nativeAddon } from "../../src/native/load-addon.js";
import { folderOf } from "../support/remote-sets.js";

const addon = nativeAddon();
const engine = addon.createEngine(1, null, false, null, false);

/** Images of 3 x 2 pixels become bytes. */
const plain: NativePlanOptions = {
  ...{ purpose: "images", convention: "torchvision", resize: "fixed", width: 3, height: 2 },
  ...{ shortest: 0, longest: 0, cropWidth: 0, cropHeight: 0, pad: false },
  ...{ outputWidth: 3, outputHeight: 2, exifOrientation: true, fastDecode: false },
  ...{ whiteGround: false, augmentation: null, filter: "bilinear", resampler: "pillow13" },
  ...{ type: "uint8", layout: "hwc", blueFirst: false, maxPixels: 100, arithmetic: "torchvision" },
  ...{ rescale: false, rescaleFactor: 1, offset: 0, normalize: false },
  ...{ mean: [0, 0, 0], std: [1, 1, 1], lastStd: [1, 1, 1] },
};
const bytesOf = (length: number) => Uint8Array.from({ length }, (_, at) => at);
const pixels = (more: Partial<NativePixels> = {}): NativePixels => ({
  ...{ data: bytesOf(18), width: 3, height: 2, format: "rgb", orientation: 1 },
  ...more,
});
const region: NativeRegion = {
  ...{ crop: null, box: null, window: null, fill: [0, 0, 0], flip: false, operations: [] },
};
const outOfRange = { name: "RangeError" };

describe("a batch", () => {
  const plan = addon.compilePlan(plain);
  const start = (target: Uint8Array, offset: number, samples: NativePixels[], regions = [region]) =>
    addon.startBatch(engine, plan, samples, regions, null, target, offset).done;

  test("has samples, and room for all of them behind its offset", async () => {
    const target = new Uint8Array(40);
    const [failures] = await start(target, 4, [pixels(), pixels()]);
    assert.equal(failures, null);
    assert.deepEqual([...target], [0, 0, 0, 0, ...bytesOf(18), ...bytesOf(18)]);
    assert.throws(() => start(target, 5, [pixels(), pixels()]), outOfRange);
    assert.throws(() => start(target.subarray(1), 4, [pixels(), pixels()]), outOfRange);
    assert.throws(() => start(target, 41, [pixels()]), outOfRange);
    assert.throws(() => start(target, -1, [pixels()]), { name: "TypeError" });
    assert.throws(() => start(target, 0, []), outOfRange);
  });

  test("begins where its numbers may begin", async () => {
    const floats = addon.compilePlan({ ...plain, type: "float32" });
    const startAt = (offset: number) =>
      addon.startBatch(engine, floats, [pixels()], [region], null, new Uint8Array(76), offset).done;
    assert.equal((await startAt(4))[0], null);
    for (const offset of [1, 2, 3]) assert.throws(() => startAt(offset), outOfRange);
  });

  test("has pixels of their size, whose sides and orientations there are", async () => {
    const one = (more: Partial<NativePixels>) => start(new Uint8Array(18), 0, [pixels(more)]);
    assert.throws(() => one({ data: bytesOf(17) }), outOfRange);
    assert.throws(() => one({ data: bytesOf(35), format: "grey16", width: 9 }), outOfRange);
    for (const orientation of [1, 8])
      assert.equal((await one({ orientation }))[0], null, `${orientation}`);
    for (const orientation of [0, 9]) assert.throws(() => one({ orientation }), outOfRange);
    for (const side of [0, 2 ** 20 + 1]) {
      assert.throws(() => one({ width: side }), outOfRange);
      assert.throws(() => one({ height: side }), outOfRange);
    }
  });

  test("says how many bytes its files have, and its pixels", async () => {
    const file = Buffer.concat([Buffer.from("P6 3 2 255\n"), bytesOf(18)]);
    const path = `${folderOf({ "/a.ppm": file })}/a.ppm`;
    const [failures, times] = await addon.startBatch(
      ...([engine, plan, [path], [region], null, new Uint8Array(18), 0] as const),
    ).done;
    assert.deepEqual([failures, times.slice(6)], [null, [29, 18]]);
  });

  test("has operations of the kinds that there are", async () => {
    const withKind = (kind: number) =>
      start(new Uint8Array(18), 0, [pixels()], [{ ...region, operations: [[kind, 1]] }]);
    assert.equal((await withKind(0))[0], null); // a brightness of 1
    for (const kind of [-1, 15, Number.NaN]) assert.throws(() => withKind(kind), outOfRange);
  });

  test("has room for what each sample draws", async () => {
    const augmentation = {
      ...{ scale: null, ratio: null, padding: null, padIfNeeded: false, fill: [0, 0, 0] as const },
      ...{ horizontalFlip: 0.5, rotation: null, affine: null, policy: null, jitter: null },
      ...{ grayscale: 1, blur: null, erasing: null },
    };
    const drawing = addon.compilePlan({ ...plain, augmentation });
    const draw = (more: Partial<NativeRandom>) => {
      const random: NativeRandom = {
        ...{ seed: 0, epoch: 0, indices: [5], drawn: new Int32Array(5) },
        ...{ operations: new Float64Array(14), ...more },
      };
      return addon.startBatch(
        ...([engine, drawing, [pixels()], null, random, new Uint8Array(18), 0] as const),
      ).done;
    };
    const operations = new Float64Array(14).fill(7);
    assert.equal((await draw({ operations }))[0], null);
    assert.deepEqual([...operations], [5, ...Array(13).fill(0)]); // grey, which has no numbers
    const refused = { name: "TypeError" };
    for (const length of [4, 6])
      assert.throws(() => draw({ drawn: new Int32Array(length) }), refused);
    for (const length of [13, 15])
      assert.throws(() => draw({ operations: new Float64Array(length) }), refused);
    for (const indices of [[], [5, 6]]) assert.throws(() => draw({ indices }), refused);
    assert.throws(() => draw({ seed: -1 }), outOfRange);
  });
});

test("an engine has from 1 to 1024 threads", () => {
  for (const threads of [0, 1025, 2 ** 32 + 1])
    assert.throws(() => addon.createEngine(threads, null, false, null, false), outOfRange);
});

test("bytes are counted of rows that there are, of whole pixels", async () => {
  // two rows of two pixels, in which a byte b is b + 1
  const memory = new Uint8Array(Float32Array.from({ length: 12 }, (_, at) => at + 1).buffer);
  const counts = await addon.countBytes(memory, 24, [1]);
  const found = [...counts.entries()].filter(([, count]) => count > 0n).map(([place]) => place);
  assert.deepEqual(found, [6, 9, 256 + 7, 256 + 10, 512 + 8, 512 + 11]);
  const ofAll = await addon.countBytes(memory, 48, [0]);
  assert.equal(ofAll.filter((count) => count > 0n).length, 12);
  for (const row of [2, -1, 2 ** 32])
    assert.throws(() => addon.countBytes(memory, 24, [row]), outOfRange);
  for (const slot of [0, 8, 23, 60, -12, 2 ** 32 + 12, 2 ** 64])
    assert.throws(() => addon.countBytes(memory, slot, [0]), outOfRange);
});

test("rows are mixed that there is room for", async () => {
  const mix = (values: number, more: Partial<NativeMixRequest> = {}) => {
    const rows = { width: 2, height: 2, hwc: true, seed: 0, epoch: 0, indices: [0, 1] };
    const request = { mixUp: 0.2, cutMix: null, ...rows, ...more };
    return addon.mixRows(new Float32Array(values), request);
  };
  assert.equal((await mix(24)).length, 12);
  assert.throws(() => mix(23), outOfRange);
  assert.throws(() => mix(24, { indices: [] }), outOfRange);
  for (const width of [0, 2 ** 20 + 1]) assert.throws(() => mix(24, { width }), outOfRange);
});

test("a part that was cut out is said to be where the other row's pixels are", async () => {
  const [width, height] = [8, 4];
  for (let seed = 0; seed < 8; seed += 1) {
    const values = new Float32Array(2 * 3 * width * height).fill(1, 3 * width * height);
    const rows = { width, height, hwc: true, seed, epoch: 0, indices: [0, 1] };
    const numbers = await addon.mixRows(values, { mixUp: null, cutMix: 1, ...rows });
    const [, isCut, top = 0, left = 0, down = 0, across = 0] = numbers;
    assert.equal(isCut, 1);
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const isInside = y >= top && y < top + down && x >= left && x < left + across;
        assert.equal(values[3 * (y * width + x)], isInside ? 1 : 0, `${seed} ${x} ${y}`);
      }
    }
  }
});

test("a lease is of some bytes, no more than the memory has", () => {
  const memory = new ArrayBuffer(8);
  for (const bytes of [0, 9]) assert.throws(() => addon.beginLease(memory, bytes), outOfRange);
});

test("a part of a file is some bytes within it", () => {
  const path = `${folderOf({ "/a": Buffer.alloc(0) })}/a`;
  const file = openSync(path, "r+");
  ftruncateSync(file, 100);
  closeSync(file);
  const map = (offset: number, length: number, before = 0) =>
    addon.mapRange(path, 100, offset, length, new Uint8Array(before));
  const mapped = map(99, 1);
  assert.ok("bytes" in mapped && mapped.bytes.byteLength === 1);
  addon.unmapRange(mapped.bytes);
  assert.equal(mapped.bytes.byteLength, 0);
  for (const [offset, length] of [
    [99, 2],
    [101, 1],
    [0, 101],
    [100, 0],
  ] as const)
    assert.throws(() => map(offset, length), outOfRange, `${offset} ${length}`);
  assert.throws(() => map(99, 1, 101), outOfRange);
  assert.deepEqual(addon.mapRange(path, 99, 0, 1, new Uint8Array()), { fileBytes: 100 });
});

test("a file is mapped at reserved addresses alone, within them and from a whole page on", {
  skip: process.platform === "win32",
}, () => {
  const path = `${folderOf({ "/a": Buffer.from("0123456789") })}/a`;
  const addresses = addon.reserveAddresses(2 ** 17);
  assert.ok(addresses !== undefined);
  const map = (offset: number, bytes = 10, within = addresses) =>
    addon.mapFileAt(within, offset, path, bytes);
  assert.equal(map(2 ** 16), null);
  assert.equal(Buffer.from(addresses, 2 ** 16, 11).toString(), "0123456789\0");
  assert.deepEqual(map(0, 9), { fileBytes: 10 });
  const missing = addon.mapFileAt(addresses, 0, `${path}.gone`, 10);
  assert.ok(missing !== null && "code" in missing && missing.code === "FILE_NOT_FOUND");
  for (const offset of [1, 2 ** 17, -(2 ** 16), 0.5, Number.NaN])
    assert.throws(() => map(offset), outOfRange, `${offset}`);
  for (const bytes of [0, -1, 0.5, 2 ** 17 + 1, Number.POSITIVE_INFINITY])
    assert.throws(() => map(0, bytes), outOfRange, `${bytes} bytes`);
  const alone = addon.mapFile(path, 10);
  assert.ok("bytes" in alone);
  for (const other of [new ArrayBuffer(2 ** 17), alone.bytes])
    assert.throws(() => map(0, 10, other), outOfRange);
  for (const bytes of [0, -1, 0.5, Number.NaN])
    assert.throws(() => addon.reserveAddresses(bytes), outOfRange, `${bytes}`);
});

test("an aligned part of memory begins at the first multiple of 64 bytes", () => {
  const path = `${folderOf({ "/a": Buffer.alloc(100) })}/a`;
  // what is mapped is as far behind the start of its page as in the file
  for (const [offset, before] of [
    [0, 0],
    [1, 63],
    [63, 1],
    [64, 0],
  ] as const) {
    const mapped = addon.mapRange(path, 100, offset, 1, new Uint8Array());
    assert.ok("bytes" in mapped);
    assert.equal(addon.alignMemory(mapped.bytes), before, `${offset}`);
    addon.unmapRange(mapped.bytes);
  }
});

test("parts of files are integers within them, and go into the memory that is given", async () => {
  const path = `${folderOf({ "/a": Buffer.from("0123456789") })}/a`;
  const memory = new Uint8Array(4);
  const read = (...numbers: number[]) =>
    addon.readParts([path], Float64Array.from(numbers), memory);
  const { each, done } = read(10, 2, 8, 2, 0, 0, 1, 3);
  assert.equal(each, 1);
  assert.deepEqual(await Promise.all(done), [null]);
  assert.equal(Buffer.from(memory).toString(), "89\x000");
  assert.deepEqual(await Promise.all(read(9, 0).done), [[{ fileBytes: 10 }]]);
  for (const numbers of [
    [],
    [10],
    [10, 1, 0, 1],
    [10, 1, -1, 1, 0],
    [10, 1, 0.5, 1, 0],
    [10, 1, 0, 1, 4],
    [10, 1, 0, 5, 0],
    [10, 1, 0, 2 ** 53, 0],
    [Number.NaN, 0],
  ])
    assert.throws(() => read(...numbers), outOfRange, String(numbers));
});

test("pages are asked for of a mapped file, and within it", () => {
  const path = `${folderOf({ "/a": Buffer.alloc(100) })}/a`;
  const mapped = addon.mapFile(path, 100);
  assert.ok("bytes" in mapped);
  const ask = (...ranges: number[]) => addon.askForPages(mapped.bytes, Float64Array.from(ranges));
  ask();
  ask(0, 100, 99, 1, 100, 0);
  for (const range of [
    [0, 101],
    [100, 1],
    [-1, 1],
    [0, -1],
    [Number.NaN, 1],
    [0, Number.NaN],
    [Number.POSITIVE_INFINITY, 0],
  ])
    assert.throws(() => ask(0, 1, ...range), outOfRange, String(range));
  assert.throws(() => addon.askForPages(new ArrayBuffer(8), Float64Array.of(0, 8)), TypeError);
});

test("floats have the sizes that their steps say", async () => {
  const mirror = { left: 1, top: 0, right: 0, bottom: 0, repeatsEdge: false };
  const resize = { width: 1, height: 2, filter: "bilinear" } as const;
  const prepare = (values: number, made: number, steps: object) => {
    const all = { width: 2, height: 2, mirror: null, resize: null, normalize: null, ...steps };
    return addon.prepareFloats(new Float32Array(values), new Float32Array(made), all);
  };
  await prepare(12, 12, {});
  await prepare(12, 18, { mirror });
  await prepare(12, 6, { resize });
  for (const [values, made, steps] of [
    [11, 12, {}],
    [12, 13, {}],
    [12, 12, { mirror }],
    [12, 12, { resize }],
    [12, 18, { mirror: { ...mirror, top: -1 } }],
    [0, 0, { width: 0 }],
    [0, 0, { height: 0 }],
    [12, 0, { resize: { ...resize, width: 0 } }],
    [12, 0, { resize: { ...resize, height: 0 } }],
    [12, 6, { resize: { ...resize, filter: "none" } }],
  ] as const)
    assert.throws(() => prepare(values, made, steps), outOfRange, JSON.stringify(steps));
});

test("an image of numbers is mirrored on the sides that are named", async () => {
  const values = Float32Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  const mirrored = new Float32Array(36);
  const mirror = { left: 1, top: 2, right: 0, bottom: 0, repeatsEdge: true };
  const steps = { width: 2, height: 2, mirror, resize: null, normalize: null };
  await addon.prepareFloats(values, mirrored, steps);
  // numpy.pad(plane, ((2, 0), (1, 0)), "symmetric")
  assert.deepEqual([...mirrored.subarray(0, 12)], [2, 2, 3, 0, 0, 1, 0, 0, 1, 2, 2, 3]);
});

test("samples of colours are as many as their image has, of bits and a matrix that there are", async () => {
  const convert = (samples: number, rgb: number, more: Partial<NativeYccImage> = {}) => {
    const image: NativeYccImage = {
      ...{ channels: 3, width: 2, height: 3, bits: 8, matrix: 1, fullRange: true },
      ...{ grey: false, halfWidth: false, halfHeight: false, ...more },
    };
    return addon.convertYcc(new Uint8Array(samples), new Uint8Array(rgb), image);
  };
  await convert(18, 18);
  await convert(36, 18, { bits: 10 });
  await convert(24, 18, { channels: 4 });
  for (const [samples, rgb, more] of [
    [17, 18, {}],
    [18, 17, {}],
    [35, 18, { bits: 12 }],
    [23, 18, { channels: 4 }],
    [99, 99, { channels: 2 }],
    [99, 99, { channels: 5 }],
    [99, 99, { bits: 9 }],
    [99, 99, { width: 0 }],
    [99, 99, { height: 0 }],
    [99, 99, { matrix: 3 }],
  ] as const)
    assert.throws(() => convert(samples, rgb, more), outOfRange, JSON.stringify(more));
});

test("strips of a TIFF image are as many as their places, of whole rows", async () => {
  const strips = (...sizes: number[]) => sizes.map((size) => new Uint8Array(size));
  assert.throws(() => addon.unpackTiffLzw(strips(1, 1), strips(1)), outOfRange);
  const unpack = (size: number, width: number) =>
    addon.unpackTiffFax(strips(1), strips(size), "rows", width);
  assert.notEqual(await unpack(4, 9), undefined);
  assert.throws(() => unpack(3, 9), outOfRange);
  for (const width of [0, 2 ** 31]) assert.throws(() => unpack(4, width), outOfRange);
  assert.throws(() => addon.unpackTiffFax(strips(1), strips(1), "none" as "rows", 8), {
    name: "TypeError",
  });
});
