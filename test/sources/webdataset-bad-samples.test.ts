import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import {
  DataLoader,
  MultimodalDataset,
  openWebDataset,
  PixtokError,
  type WebDatasetOptions,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { randomIntegers, seed, smallTokenizer } from "../support/pairs.js";
import { assertBad, context, good, indexOf, openFiles, write } from "../support/shards.js";
import { gnuLongName, paxHeader, TAR_END, type TarFile, tarEntry, tarOf } from "../support/tar.js";

describe("a bad sample of a WebDataset", () => {
  for (const [what, files, message, options = {}] of [
    ["without an image", [["b.txt", "x"]], /b: it has no image: expected one of .jpg.*got .txt/],
    ["without a text", [["b.jpg", "x"]], /b: it has no text: expected one of .txt.*, got .jpg/],
    [
      "without a text, of many files",
      [
        ["b.jpg", "x"],
        ...Array.from({ length: 11 }, (_, i) => [`b.x${i}`, "x"] as [string, string]),
      ],
      /b: it has no text: .*, got .jpg, .x0, .x1, .x2, .x3, .x4, .x5, .x6, .x7, .x8 and 2 more/,
    ],
    [
      "without the image asked for",
      [
        ["b.png", "x"],
        ["b.txt", "x"],
      ],
      /b: it has no image: expected .jpg, got .png, .txt/,
      { imageExtension: "jpg" },
    ],
    [
      "with several images",
      [
        ["b.left.jpg", "x"],
        ["b.right.png", "x"],
        ["b.txt", "x"],
      ],
      /b: it has several images, .left.jpg, .right.png; the option imageExtension chooses one/,
    ],
    [
      "with several texts",
      [
        ["b.jpg", "x"],
        ["b.de.txt", "x"],
        ["b.en.txt", "x"],
      ],
      /b: it has several texts, .de.txt, .en.txt; the option textExtension chooses one/,
    ],
    [
      "with an extension twice",
      [
        ["b.jpg", "x"],
        ["b.JPG", "x"],
        ["b.txt", "x"],
      ],
      /b: it has more than one .jpg/,
    ],
    [
      "whose JSON cannot be parsed",
      [
        ["b.jpg", "x"],
        ["b.json", '{"text": "x'],
      ],
      /b.json: not JSON: /,
    ],
    [
      "whose JSON has no text",
      [
        ["b.jpg", "x"],
        ["b.json", '{"id": 1}'],
      ],
      /b.json: expected one of text, caption.* among the keys, got id/,
    ],
    [
      "whose JSON has a number for a text",
      [
        ["b.jpg", "x"],
        ["b.json", '{"text": 5}'],
      ],
      /b.json: text: expected a text or several, got 5/,
    ],
    [
      "whose text is not UTF-8",
      [
        ["b.jpg", "x"],
        ["b.txt", Buffer.from([0x61, 0xff])],
      ],
      /b.txt: not UTF-8/,
    ],
    [
      "whose class is no number",
      [
        ["b.jpg", "x"],
        ["b.cls", "cat"],
      ],
      /b.cls: expected digits, got "cat"/,
    ],
    [
      "whose text is too long to be one",
      [
        ["b.jpg", "x"],
        ["b.txt", Buffer.alloc((1 << 24) + 1, "x")],
      ],
      /b.txt: expected a text of at most 16777216 bytes, got 16777217/,
    ],
  ] as [string, TarFile[], RegExp, WebDatasetOptions?][]) {
    test(`${what} is one, and no other is`, async () => {
      const all = [...good("a"), ...files, ...good("c")];
      const path = write(tarOf(all));
      const text = { textExtension: "txt", ...options };
      for (const where of ["in the tar", "in the index"]) {
        const source = await openWebDataset(path, "imageExtension" in options ? text : {});
        assert.equal(source.length, 3, where);
        await assertBad(source, 1, message);
        for (const [i, key] of [
          [0, "a"],
          [2, "c"],
        ] as const) {
          assert.equal((await source.get(i, context)).key, key);
        }
      }
      rmSync(path);
    });
  }

  test("whose key comes again is the later one", async () => {
    const source = await openFiles(["a", "b", "a", "c"].flatMap(good));
    assert.equal(source.length, 4);
    await assertBad(source, 2, /a: its key has come before in this shard/);
    const behindBad = await openFiles([["a.jpg", "image"], ...good("b"), ...good("a")]);
    await assertBad(behindBad, 0, /it has no text/);
    await assertBad(behindBad, 2, /a: its key has come before in this shard/);
    assert.deepEqual((await source.get(0, context)).key, "a");
    assert.deepEqual((await source.get(3, context)).key, "c");
  });

  test("whose bytes end early is the last one, and no index is kept", async () => {
    const whole = tarOf([...good("a"), ["b.txt", "text b"], ["b.jpg", Buffer.alloc(5000, "p")]]);
    const path = write(whole.subarray(0, 512 * 7 + 1000));
    const source = await openWebDataset(path);
    assert.equal(source.length, 2);
    assert.equal((await source.get(0, context)).text, "text a");
    await assertBad(source, 1, /b: b.jpg ends at byte 8584, but the tar at byte 4584/);
    assert.ok(!existsSync(indexOf(path)));
  });

  for (const [what, bytes, message] of [
    ["half a header", tarEntry({ path: "b.jpg" }).subarray(0, 300), /within the header at byte/],
    [
      "a header with a wrong sum",
      tarEntry({ path: "b.jpg" }).fill("q", 0, 1),
      /the header at byte 2048 is damaged/,
    ],
    [
      "a size that is absurd",
      (() => {
        const entry = tarEntry({ path: "b.jpg" }, "x");
        entry.write("\x90", 124, "latin1");
        return entry;
      })(),
      /the header at byte 2048 is damaged/,
    ],
    [
      "half a long name",
      gnuLongName("x".repeat(600)).subarray(0, 900),
      /the extended header at byte 2048 is damaged or cut short/,
    ],
    [
      "a long name of absurd length",
      tarEntry({ path: "x", type: "NextFileHasLongPath", size: 2 ** 32 }),
      /the extended header at byte 2048 is damaged or cut short/,
    ],
    [
      "half a file that belongs to no sample",
      tarEntry({ path: "README", size: 9999 }),
      /README ends at byte 12559, but the tar at byte 2560/,
    ],
    [
      "a file that would end beyond any disk",
      tarEntry({ path: "b.jpg", size: Number.MAX_SAFE_INTEGER }),
      /b: b.jpg ends at byte/,
    ],
  ] as const) {
    test(`is at the end of a tar with ${what}`, async () => {
      const path = write(Buffer.concat([tarOf(good("a")).subarray(0, 2048), bytes]));
      const source = await openWebDataset(path);
      assert.equal(source.length, 2);
      assert.equal((await source.get(0, context)).text, "text a");
      await assertBad(source, 1, message);
      assert.ok(!existsSync(indexOf(path)));
    });
  }

  test(`is one that a cut anywhere leaves incomplete, and no other is (seed ${seed})`, async () => {
    const random = randomIntegers(seed);
    const keys = ["a", "b", "c", "d"];
    const files = keys.flatMap((key): TarFile[] => [
      [`${key}.jpg`, "p".repeat(random(1500))],
      [`${key}.txt`, `text ${key}`.repeat(1 + random(80))],
    ]);
    const whole = tarOf(files);
    const ends: number[] = [];
    let position = 0;
    for (const [name, content] of files) {
      if (name.endsWith(".txt")) ends.push(position + 512 + content.length);
      position += 512 + 512 * Math.ceil(content.length / 512);
    }
    for (let i = 0; i < 60; i += 1) {
      const cut = 512 + random(whole.length - 512);
      const source = await openWebDataset(write(whole.subarray(0, cut), "cut/x.tar"));
      const complete = ends.filter((end) => end <= cut).length;
      for (let index = 0; index < source.length; index += 1) {
        if (index < complete) assert.equal((await source.get(index, context)).key, keys[index]);
        else await assertBad(source, index, /./);
      }
      // the one that is incomplete, and half a header, which may be of another
      assert.ok(source.length >= complete && source.length <= complete + 2, `cut at ${cut}`);
    }
  });

  test(`is all that random bytes do harm to (seed ${seed})`, async () => {
    const random = randomIntegers(seed + 1);
    const whole = Buffer.concat([
      paxHeader({ path: "a.jpg", size: 3 }),
      tarEntry({ path: "a.jpg" }, "abc"),
      gnuLongName("a.txt"),
      tarEntry({ path: "x" }, "text"),
      ...good("b").map(([path, content]) => tarEntry({ path }, content)),
      TAR_END,
    ]);
    for (let i = 0; i < 200; i += 1) {
      const bytes = Buffer.from(whole);
      for (let n = 1 + random(4); n > 0; n -= 1) bytes[random(bytes.length)] = random(256);
      try {
        const source = await openWebDataset(write(bytes, "flipped/x.tar"));
        for (let index = 0; index < source.length; index += 1) await source.get(index, context);
      } catch (error) {
        assert.ok(error instanceof PixtokError && error.code === "INVALID_ARCHIVE", String(error));
      }
    }
  });

  test("is left out by a loader that skips, in any order", async () => {
    const jpeg = readFileSync(fixture("images/jpeg-420.jpg"));
    const files = Array.from({ length: 20 }, (_, i): TarFile[] => [
      [`${i}.jpg`, jpeg],
      [i === 13 ? `${i}.npy` : `${i}.txt`, String(i)],
    ]);
    const dataset = new MultimodalDataset({
      source: await openFiles(files.flat()),
      tokenizer: await smallTokenizer(),
    });
    const options = { batchSize: 4, shuffle: true, seed: 3, onError: "skip" } as const;
    const loader = new DataLoader(dataset, options);
    const indices: number[] = [];
    for await (const batch of loader) {
      assert.deepEqual(batch.texts, batch.indices.map(String));
      indices.push(...batch.indices);
    }
    const expected = Array.from({ length: 20 }, (_, i) => i).filter((i) => i !== 13);
    assert.deepEqual(
      indices.sort((a, b) => a - b),
      expected,
    );
    const [error] = loader.errors.list;
    assert.deepEqual([error?.index, error?.code], [13, "INVALID_ARCHIVE"]);
  });

  test("is none of a shard that has been changed since it was opened: the epoch ends", async () => {
    for (const texts of [true, false]) {
      const path = write(tarOf(good("a")));
      const then = new Date("2026-01-01");
      utimesSync(path, then, then); // clocks of file systems are coarse
      const source = await openWebDataset(path, { texts });
      writeFileSync(path, tarOf(good("b")));
      await assert.rejects(async () => source.get(0, { ...context, epoch: 1 }), {
        code: "SOURCE_CHANGED",
        source: path,
      });
      if (!texts) continue;
      await assert.rejects(async () => source.texts?.(0), { code: "SOURCE_CHANGED", source: path });
    }
  });

  test("is none of a shard that is gone, whose texts nobody has read yet: the epoch ends", async () => {
    const path = write(tarOf(good("a")));
    const source = await openWebDataset(path);
    rmSync(path);
    await assert.rejects(async () => source.texts?.(0), { code: "SOURCE_CHANGED", source: path });
  });
});
