// Damaged and unusual files: each opens where Pillow opens it, to the same pixels. Common JPEG files are in
// conformance.test.ts. Expected values: test/goldens/make_damaged.py, make_fax.py, make_odd_gifs.py,
// make_odd_jpegs.py, make_odd_tiffs.py, make_jpeg_tiffs.py, make_alpha_tiffs.py, make_odd_webps.py, make_bitmaps.py and
// make_grid_avifs.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { crc32 } from "node:zlib";
import { ImageProcessor, type ImageProcessorOptions, PixtokError, runtimeInfo } from "pixtok";
import { imageFacts } from "../../src/image/decode/image-facts.js";
import { nativeAddon } from "../../src/native/load-addon.js";
import { fixture, readJsonLines, sha256 } from "../support/fixtures.js";

interface Damaged {
  name: string;
  damage: string;
  opens: boolean;
  width?: number;
  height?: number;
  rgb?: string;
  /** Turned by its orientation; undefined where that changes nothing. */
  turned?: { width: number; height: number; rgb: string };
  /** On a white ground; undefined where Pillow puts the image on none. */
  white?: string;
  /** Left out of `bytes`: so many of one value, from a place on. */
  filler?: [start: number, length: number, value: number];
  at: number;
  bytes: number;
}

const onWhite = { alpha: "white" } as const;

interface DamagedFile extends Damaged {
  file: Buffer;
}

function withFiller(file: Buffer, filler: Damaged["filler"]): Buffer {
  if (filler === undefined) return file;
  const [start, length, value] = filler;
  return Buffer.concat([
    file.subarray(0, start),
    Buffer.alloc(length, value),
    file.subarray(start),
  ]);
}

function casesOf(name: string): DamagedFile[] {
  const files = readFileSync(fixture(`damaged/${name}.bin`));
  return readJsonLines<Damaged>(fixture(`damaged/${name}.jsonl`)).map((damaged) => ({
    ...damaged,
    file: withFiller(files.subarray(damaged.at, damaged.at + damaged.bytes), damaged.filler),
  }));
}

const processors = new Map<string, ImageProcessor>();

/** The pixels as they are. */
function processorFor(
  width: number,
  height: number,
  options?: Pick<ImageProcessorOptions, "alpha" | "exifOrientation">,
): ImageProcessor {
  const all: ImageProcessorOptions = {
    alpha: "drop",
    ...options,
    resize: null,
    centerCrop: { width, height },
    type: "uint8",
    layout: "hwc",
  };
  const name = JSON.stringify(all);
  const processor = processors.get(name) ?? new ImageProcessor(all);
  processors.set(name, processor);
  return processor;
}

async function digestOf(
  damaged: Pick<DamagedFile, "width" | "height" | "file">,
  options?: Pick<ImageProcessorOptions, "alpha" | "exifOrientation">,
): Promise<string | PixtokError> {
  const { width = 1, height = 1 } = damaged;
  try {
    const { pixel_values } = await processorFor(width, height, options).process(damaged.file);
    return sha256(pixel_values.data);
  } catch (error) {
    if (error instanceof PixtokError) return error;
    throw error;
  }
}

/** Those that do not open where Pillow opens them, and others that do. */
async function differencesOf(some: readonly DamagedFile[]): Promise<unknown[]> {
  const differing: unknown[] = [];
  for (const { file, ...damaged } of some) {
    const found = await digestOf({ file, ...damaged });
    const isAsExpected = damaged.opens ? found === damaged.rgb : found instanceof PixtokError;
    if (!isAsExpected) differing.push({ ...damaged, found: String(found) });
  }
  return differing;
}

describe("a damaged image is judged as Pillow judges it", () => {
  const damaged = casesOf("images");
  for (const format of ["png", "gif", "tiff", "webp"]) {
    test(`60 ${format} files`, async () => {
      const some = damaged.filter(({ name }) => name.startsWith(format));
      assert.equal(some.length, 60);
      assert.deepEqual(await differencesOf(some), []);
    });
  }

  test("162 TIFF files of CCITT codes", async () => {
    const some = casesOf("fax");
    assert.equal(some.length, 162);
    assert.deepEqual(await differencesOf(some), []);
  });

  test("244 TIFF files of JPEG strips and tiles", async () => {
    const some = casesOf("jpeg-tiffs");
    assert.equal(some.length, 244);
    assert.deepEqual(await differencesOf(some), []);
  });

  const rearranged = casesOf("rearranged");
  for (const [format, parts] of Object.entries({ png: "chunks", tiff: "tags" })) {
    test(`220 ${format} files with other ${parts}`, async () => {
      const some = rearranged.filter(({ name }) => name.startsWith(format));
      assert.equal(some.length, 220);
      assert.deepEqual(await differencesOf(some), []);
    });
  }
});

test("a TIFF file of a rare kind, or with an odd tag, is judged as Pillow judges it", async () => {
  assert.deepEqual(await differencesOf(casesOf("odd-tiffs")), []);
});

test("an AVIF file of tiles has the colours that Pillow shows, whatever else tiles say of them", async () => {
  const made = casesOf("grid-avifs");
  assert.equal(made.length, 7);
  assert.deepEqual(await differencesOf(made), []);
});

describe("a TIFF file with alpha, or a sample that is none", () => {
  const made = casesOf("alpha-tiffs");
  test("is judged as Pillow judges it", async () => {
    assert.equal(made.length, 116);
    assert.deepEqual(await differencesOf(made), []);
  });

  test("is put on white as Pillow puts it, turned by its tag or not", async () => {
    for (const one of made.filter(({ opens }) => opens)) {
      assert.equal(await digestOf(one, onWhite), one.white, one.name);
    }
  });
});

describe("a GIF file that is unusual", () => {
  const made = casesOf("odd-gifs");
  test("is judged as Pillow judges it", async () => {
    assert.equal(made.length, 74);
    assert.deepEqual(await differencesOf(made), []);
  });

  test("is put on white as Pillow puts it", async () => {
    const some = made.filter(({ white }) => white !== undefined);
    assert.ok(some.some(({ white, rgb }) => white !== rgb));
    for (const one of some) assert.equal(await digestOf(one, onWhite), one.white, one.name);
  });
});

describe("a WebP file that is unusual", () => {
  const made = casesOf("odd-webps");
  const opened = made.filter(({ opens }) => opens);
  // without libwebp, sharp does not show alpha that only the image itself has
  const denied = "webp: clear, flags 0";

  test("is judged as Pillow judges it", async () => {
    assert.equal(made.length, 1569);
    assert.deepEqual(await differencesOf(made), []);
  });

  test("is put on white as Pillow puts it", async () => {
    assert.ok(opened.some(({ white, rgb }) => white !== rgb));
    for (const one of opened) {
      if (one.name === denied && runtimeInfo().decoder.webp === undefined) continue;
      assert.equal(await digestOf(one, onWhite), one.white, one.name);
    }
  });

  test("is turned as Pillow turns it", async () => {
    assert.ok(opened.filter(({ turned }) => turned !== undefined).length > 50);
    for (const { name, turned, ...one } of opened) {
      const { rgb, ...size } = turned ?? one;
      const found = await digestOf({ ...one, ...size }, { exifOrientation: true });
      assert.equal(found, rgb, name);
    }
  });
});

describe("a JPEG file of arithmetic coding, or without loss", () => {
  const made = casesOf("odd-jpegs");
  test("is judged as Pillow judges it", async () => {
    assert.equal(made.length, 240);
    assert.deepEqual(await differencesOf(made), []);
  });

  test("is judged so by the addon for decoders that are not its own", async () => {
    for (const { file, opens, name, damage } of made) {
      const refusal = await nativeAddon().jpegVerdict(file, 1e9);
      assert.equal(refusal === null, opens, `${name}, ${damage}: ${refusal?.message}`);
    }
  });

  test("is not read where its arithmetic codes go beyond 64 KiB", async () => {
    const some = made.filter(({ damage, opens }) => damage === "comment" && !opens);
    assert.equal(some.length, 15);
    for (const { file } of some) {
      const refused = processorFor(1, 1).process(file);
      await assert.rejects(refused, { code: "UNSUPPORTED_FORMAT", message: /more than 64 KiB/ });
    }
  });
});

/** Format and channels of the files below. */
const modes = [
  ..."bmp grey,bmp palette,bmp rgb,bmp rgba,netpbm cmyk,netpbm grey,netpbm palette".split(","),
  ..."netpbm rgb,netpbm rgba,qoi rgb,qoi rgba".split(","),
  ..."tga grey,tga grey-alpha,tga palette,tga rgb,tga rgba".split(","),
];

describe("a BMP, Netpbm, TGA or QOI file of any kind, whole or damaged", () => {
  const made = casesOf("odd-bitmaps");
  for (const [format, count] of Object.entries({ bmp: 584, ppm: 392, tga: 997, qoi: 209 })) {
    test(`is judged and put on white as Pillow does it: ${count} ${format} files`, async () => {
      const some = made.filter(({ name }) => name.startsWith(`${format}:`));
      assert.equal(some.length, count);
      assert.deepEqual(await differencesOf(some), []);
      for (const one of some.filter(({ opens }) => opens)) {
        assert.equal(await digestOf(one, onWhite), one.white, one.name);
      }
    });
  }

  test("has the size that its header says, and its channels", async () => {
    const sizes = (some: readonly DamagedFile[]) =>
      some.map(({ width, height }) => ({ width, height }));
    const some = made.filter(({ opens, filler }) => opens && filler === undefined);
    const facts = await Promise.all(some.map(({ file }) => imageFacts(file)));
    assert.deepEqual(
      facts.map(({ size }) => size),
      sizes(some),
    );
    const found = new Set(facts.map(({ format, mode }) => `${format} ${mode}`));
    assert.deepEqual([...found].sort(), modes);
  });
});

test("what is wrong behind the few bytes of a small PNG image is not seen", async () => {
  const whole = readFileSync(fixture("images/png-1x1.png"));
  // Pillow 12.3 reads it: its first four bytes are a row, then a distance leads too far back
  const data = Buffer.from("789c63e0e76d0053de000000", "hex");
  const body = Buffer.concat([Buffer.from("IDAT"), data]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  const length = Buffer.from([0, 0, 0, data.length]);
  const file = Buffer.concat([whole.subarray(0, 33), length, body, checksum]);
  const { pixel_values } = await processorFor(1, 1).process(file);
  assert.deepEqual([...pixel_values.data], [15, 13, 128]);
});

describe("an AVIF file that libavif refuses is refused", () => {
  const whole = readFileSync(fixture("images/avif-444.avif"));
  const box = (name: string) => whole.indexOf(name, 0, "latin1") + 4;
  // each is refused by Pillow 12.3, or shown as something that the file is not
  for (const [what, at, value] of [
    ["a handler behind another one", box("hdlr") + 7, 5],
    ["a handler of something else", box("hdlr") + 8, 0x71],
    ["channels of another depth", box("pixi") + 5, 10],
    ["no channels", box("pixi") + 4, 0],
    ["a channel without its depth", box("pixi") + 4, 4],
    ["another subsampling than its pixels'", box("av1C") + 2, 0x0c],
    ["another depth than its pixels'", box("av1C") + 2, 0x40],
    ["a colour matrix that is unknown", box("colrnclx") + 9, 208],
  ] as const) {
    test(what, async () => {
      const file = Buffer.from(whole);
      file[at] = value;
      await assert.rejects(processorFor(61, 43).process(file), { code: "CORRUPT_IMAGE" });
    });
  }

  test("a box that ends within its properties", async () => {
    const file = Buffer.from(whole);
    const at = whole.indexOf("ipma", 0, "latin1") - 4;
    file.writeUInt32BE(file.readUInt32BE(at) - 1, at);
    await assert.rejects(processorFor(61, 43).process(file), {
      code: /^(CORRUPT|TRUNCATED)_IMAGE$/,
    });
  });

  test("and as it was, it is not", async () => {
    await processorFor(61, 43).process(whole);
  });
});

test("a cut CCITT group 4 image is not black below the cut", async () => {
  const whole = readFileSync(fixture("images/tiff-bilevel.tiff"));
  const directory = whole.readUInt32LE(4);
  const entry = directory + 2 + 12 * 7;
  assert.equal(whole.readUInt16LE(entry), 279, "the length of its strip");
  const refusals: string[] = [];
  for (let bytes = 1; bytes < 700; bytes += 7) {
    const cut = Buffer.from(whole);
    cut.writeUInt32LE(bytes, entry + 8);
    const failed = await processorFor(61, 43)
      .process(cut)
      .then(
        () => `read of ${bytes} bytes`,
        ({ code }) => code,
      );
    refusals.push(failed);
  }
  assert.deepEqual([...new Set(refusals)], ["TRUNCATED_IMAGE"]);
});

describe("what is wrong with a damaged image follows from its own bytes", () => {
  const codesOf = async (file: Buffer): Promise<string> => {
    const [error] = await Promise.allSettled([processorFor(4, 4).process(file)]);
    assert.ok(error?.status === "rejected" && error.reason instanceof PixtokError);
    return error.reason.code;
  };
  const images = ["png-rgb.png", "webp-lossy.webp", "gif-still.gif", "tiff-rgb.tiff"];

  test("whatever is wrong with the images beside it", async () => {
    const cut = readFileSync(fixture("broken/cut.webp"));
    const corrupt = readFileSync(fixture("broken/idat-data.png"));
    const seen = new Set<string>();
    for (let round = 0; round < 20; round += 1) {
      const [first, second] = await Promise.all([
        codesOf(corrupt),
        codesOf(cut),
        codesOf(cut),
        codesOf(corrupt),
      ]);
      seen.add(`${first} ${second}`);
    }
    assert.deepEqual([...seen], ["CORRUPT_IMAGE TRUNCATED_IMAGE"]);
  });

  for (const name of images) {
    test(`${name}, cut in half, is TRUNCATED_IMAGE`, async () => {
      const file = readFileSync(fixture(`images/${name}`));
      const half = name.endsWith("tiff") ? withoutPixels(file) : file.subarray(0, file.length >> 1);
      assert.equal(await codesOf(half), "TRUNCATED_IMAGE");
    });
  }
});

/** A TIFF file whose directory is whole, and whose pixels lie behind its end. */
function withoutPixels(file: Buffer): Buffer {
  const moved = Buffer.from(file);
  const directory = file.readUInt32LE(4);
  for (let entry = 0; entry < file.readUInt16LE(directory); entry += 1) {
    const at = directory + 2 + 12 * entry;
    if (file.readUInt16LE(at) === 273) moved.writeUInt32LE(file.length - 100, at + 8);
  }
  return moved;
}
