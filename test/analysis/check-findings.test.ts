import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { checkDataset, formatCheck, MultimodalDataset, type PairSource } from "pixtok";
import { problemsOf } from "../../src/analysis/check-problems.js";
import type { TextSummary } from "../../src/analysis/check-report.js";
import { checked, checkedImages, checkedTexts, cut, kinds, photo } from "../support/checks.js";
import { fixture, readJsonLines, shared, withoutShared } from "../support/fixtures.js";
import { smallTokenizer } from "../support/pairs.js";

const tokenizer = await smallTokenizer();
const folder = mkdtempSync(join(tmpdir(), "pixtok-check-"));
after(() => rmSync(folder, { recursive: true }));

/** A copy of an image file. */
function copied(file: string, name: string): string {
  const copy = join(folder, name);
  copyFileSync(file, copy);
  return copy;
}

describe("images", () => {
  test("have Pillow's format, size and mode", async () => {
    interface Line {
      image: string;
      format: string;
      mode: string;
      width: number;
      height: number;
    }
    const names: Record<string, string> = {
      L: "grey",
      LA: "grey-alpha",
      RGB: "rgb",
      RGBA: "rgba",
      CMYK: "cmyk",
      P: "palette",
      "I;16": "grey 16-bit",
    };
    // what Pillow has no mode of its own for, or gives another one; and alpha of AVIF
    const apart = /16bit|trns|gif-grey|avif-alpha|1bit|bilevel|tiff-palette/;
    const lines = readJsonLines<Line>(fixture("goldens/imagenet224.jsonl"));
    for (const { image, format, mode, width, height } of lines) {
      const { images } = await checkedImages([fixture(`images/${image}`)]);
      assert.deepEqual(images?.formats, { [format.toLowerCase()]: 1 }, image);
      assert.deepEqual(images?.smallest, { width, height }, image);
      assert.deepEqual(images?.largest, { width, height }, image);
      if (!apart.test(image)) assert.deepEqual(images?.modes, { [names[mode] ?? ""]: 1 }, image);
    }
  });

  test("have 16 bits reported", async () => {
    const files = ["png-l-16bit", "png-rgb-16bit", "png-rgba-16bit"];
    const { images } = await checkedImages(files.map((name) => fixture(`images/${name}.png`)));
    assert.deepEqual(images?.modes, { "grey 16-bit": 1, "rgb 16-bit": 1, "rgba 16-bit": 1 });
  });

  test("in memory are looked at as well", async () => {
    const data = Uint8Array.of(1, 2, 3, 4);
    const source: PairSource = {
      length: 2,
      get: (index) => ({
        image: index === 0 ? readFileSync(photo) : { data, width: 2, height: 1, channels: 2 },
        text: "a",
      }),
    };
    const { images } = await checkDataset(new MultimodalDataset({ source, tokenizer }));
    assert.deepEqual(images?.formats, { jpeg: 1, pixels: 1 });
    assert.deepEqual(images?.modes, { rgb: 1, "grey-alpha": 1 });
    assert.deepEqual(images?.smallest, { width: 2, height: 1 });
    assert.deepEqual(images?.largest, { width: 150, height: 100 });
  });

  test("that are in several files under different texts are an error", async () => {
    const again = copied(photo, "again.jpg");
    const report = await checked([photo, cut, again], ["A dog!", "a", "a cat"]);
    assert.deepEqual(kinds(report), [
      ["unreadable", "error"],
      ["duplicate-image", "error"],
      ["lost-signs", "warning"],
    ]);
    assert.deepEqual(report.images?.duplicates, {
      count: 1,
      list: [
        [
          { index: 0, path: photo, text: "a dog" },
          { index: 2, path: again, text: "a cat" },
        ],
      ],
    });
  });

  test("that are in several files under the same text are none", async () => {
    const report = await checked([photo, copied(photo, "same.jpg")], ["A dog", "a dog"]);
    assert.deepEqual(report.problems, []);
  });

  test("whose file has several texts are none", async () => {
    assert.deepEqual((await checkedTexts(["a dog", "a cat"])).problems, []);
  });

  test("in memory that are there again under different texts are a warning", async () => {
    const report = await checkedImages([readFileSync(photo), readFileSync(photo)]);
    assert.deepEqual(kinds(report), [["duplicate-image", "warning"]]);
    assert.equal(report.ok, true);
    assert.deepEqual(
      report.images?.duplicates.list[0]?.map(({ path }) => path),
      [null, null],
    );
    const beside = await checkedImages([photo, readFileSync(photo)]);
    assert.deepEqual(kinds(beside), [["duplicate-image", "warning"]]);
  });
});

test("the shared photos are found as Pillow found them, and well", {
  skip: withoutShared(),
}, async () => {
  const lines = readJsonLines<{ image: string; width: number; height: number }>(
    shared("golden/imagenet224.jsonl"),
  );
  const photos = lines.map(({ image }) => shared(`data/photos/${image}`));
  const { ok, checked: count, images } = await checkedImages(photos);
  assert.deepEqual([ok, count], [true, photos.length]);
  assert.deepEqual(images?.formats, { jpeg: photos.length });
  const pixels = lines.map(({ width, height }) => width * height);
  const pixelsOf = (size: { width: number; height: number } | null | undefined) =>
    (size?.width ?? 0) * (size?.height ?? 0);
  assert.equal(pixelsOf(images?.smallest), Math.min(...pixels));
  assert.equal(pixelsOf(images?.largest), Math.max(...pixels));
});

describe("texts", () => {
  test("of which nothing is left are an error", async () => {
    const report = await checkedTexts(["a dog", "?!", "", " \t ", "a cat"]);
    assert.deepEqual(report.texts?.empty, { count: 3, list: [1, 2, 3] });
    assert.deepEqual(kinds(report), [
      ["empty-text", "error"],
      ["lost-signs", "warning"],
    ]);
  });

  test("that are cut are counted, and a warning where they are many", async () => {
    // [CLS] and [SEP] are tokens too
    const report = await checkedTexts(["a a", "a a a", "a a a a a"], { maxLength: 5 });
    assert.equal(report.texts?.truncated, 1);
    assert.equal(report.texts?.truncatedShare, 1 / 3);
    assert.equal(report.texts?.longest, 7);
    assert.equal(report.texts?.maxLength, 5);
    assert.deepEqual(kinds(report), [["truncated-text", "warning"]]);
    assert.match(report.problems[0]?.advice ?? "", /raise text.maxLength, up to 7/);
    assert.equal(report.ok, true);

    const many = new Array<string>(100).fill("a");
    const few = await checkedTexts([...many, "a a a a"], { maxLength: 5 });
    assert.equal(few.texts?.truncated, 1);
    assert.deepEqual(few.problems, [], "1 of 101 is less than one in a hundred");
  });

  test("that lose letters when they are cleaned are counted, listed, and a warning", async () => {
    // counted by Python: sum(c.isalpha() for c in text)
    const report = await checkedTexts(["un café à la plage", "größer Hund", "a dog, 12 cats!"]);
    assert.equal(report.texts?.lostLetters, 2 + 2);
    assert.equal(report.texts?.lostLetterShare, 4 / (14 + 10 + 8));
    assert.deepEqual(report.texts?.losing, {
      count: 2,
      list: [
        { index: 0, original: "un café à la plage", cleaned: "un caf  la plage" },
        { index: 1, original: "größer Hund", cleaned: "grer hund" },
      ],
    });
    assert.deepEqual(kinds(report), [
      ["lost-letters", "warning"],
      ["lost-signs", "warning"],
    ]);
    assert.match(report.problems[0]?.message ?? "", /12.5 %, in 2 texts/);
    assert.match(
      formatCheck(report),
      /letters dropped by text.clean\n {2}sample 0: "un café à la plage" becomes "un caf {2}la plage"/,
    );
    assert.equal(report.ok, true);
  });

  test("may lose a letter in a hundred, and none where nothing is cleaned", async () => {
    const few = await checkedTexts(["a".repeat(99), "b".repeat(100), "é"]);
    assert.equal(few.texts?.lostLetters, 1);
    assert.ok(!kinds(few).some(([kind]) => kind === "lost-letters"));
    const none = await checkedTexts(["größer Hund"], { clean: "none" });
    assert.equal(none.texts?.lostLetters, 0);
  });

  test("that lose digits, punctuation or symbols are counted, listed, and a warning", async () => {
    // counted by Python: sum(unicodedata.category(c)[0] in "NPS" for c in text), and its re.sub(…, "", text.lower())
    const texts = [
      "It's a T-shirt, size 3.5 (50% off)!",
      "٣ cats — a dog \u{1f600}",
      "a dog, 12 cats",
    ];
    const report = await checkedTexts(texts);
    const cleaned = ["its a tshirt size 35 50 off", " cats  a dog ", "a dog 12 cats"];
    assert.equal(report.texts?.lostSigns, 8 + 3 + 1);
    assert.deepEqual(report.texts?.losingSigns, {
      count: 3,
      list: texts.map((original, index) => ({ index, original, cleaned: cleaned[index] })),
    });
    assert.deepEqual(kinds(report), [["lost-signs", "warning"]]);
    assert.match(report.problems[0]?.message ?? "", /drops: 12, in 3 texts/);
    assert.match(report.problems[0]?.advice ?? "", /clean: "none"/);
    assert.match(
      formatCheck(report),
      /punctuation and symbols dropped by text.clean\n {2}sample 0: "It's .* becomes "its a tshirt size 35 50 off"/,
    );
    assert.equal(report.ok, true);
  });

  test("may lose signs in one text of a hundred, and none where nothing is cleaned", async () => {
    const hundred = Array.from({ length: 99 }, () => "a dog");
    assert.deepEqual(kinds(await checkedTexts([...hundred, "a dog!"])), []);
    const none = await checkedTexts(["a dog!"], { clean: "none" });
    assert.equal(none.texts?.lostSigns, 0);
    assert.deepEqual(kinds(none), []);
  });

  test("have their unknown tokens counted, special ones and padding apart", async () => {
    const text = { clean: "none" } as const;
    const report = await checkedTexts(["a a a \u{1f534}", "a \u{1f7e6} a a"], text);
    assert.equal(report.texts?.unknown, 2);
    assert.equal(report.texts?.unknownShare, 0.25);
    assert.deepEqual(kinds(report), [["unknown-tokens", "error"]]);
  });

  test("may have a few unknown tokens: one in ten is a warning, one in a hundred nothing", async () => {
    const text = { clean: "none" } as const;
    const withKnown = async (known: number) =>
      kinds(await checkedTexts([`${"a ".repeat(known)}\u{1f534}`], text));
    assert.deepEqual(await withKnown(8), [["unknown-tokens", "error"]]);
    assert.deepEqual(await withKnown(9), [["unknown-tokens", "warning"]]);
    assert.deepEqual(await withKnown(98), [["unknown-tokens", "warning"]]);
    assert.deepEqual(await withKnown(99), []);
  });
});

describe("a problem is", () => {
  const none = { count: 0, list: [] };
  const fine: TextSummary = {
    ...{ maxLength: 8, longest: 8, truncated: 0, truncatedShare: 0, unknown: 0, unknownShare: 0 },
    ...{ lostLetters: 0, lostLetterShare: 0, losing: none, lostSigns: 0, losingSigns: none },
    empty: none,
  };
  const found = (texts: Partial<TextSummary>, bad = 0) =>
    problemsOf({
      ...{ length: 500, checked: 100 + bad, images: null, batch: null },
      errors: { count: bad, list: [] },
      texts: { ...fine, ...texts },
    }).map(({ kind, level }) => `${kind} ${level}`);

  test("more than one in a hundred, of the pairs that can be read", () => {
    for (const [share, kind] of [
      ["unknownShare", "unknown-tokens"],
      ["truncatedShare", "truncated-text"],
      ["lostLetterShare", "lost-letters"],
    ] as const) {
      assert.deepEqual(found({ [share]: 0.01 }), []);
      assert.deepEqual(found({ [share]: 0.011 }), [`${kind} warning`]);
    }
    const losing = (count: number) => ({ losingSigns: { count, list: [] } });
    assert.deepEqual(found(losing(1)), []);
    assert.deepEqual(found(losing(2)), ["lost-signs warning"]);
    assert.deepEqual(found(losing(2), 100), ["unreadable error", "lost-signs warning"]);
  });

  test("an error where more than one token in ten is unknown, or one text is empty", () => {
    assert.deepEqual(found({ unknownShare: 0.1 }), ["unknown-tokens warning"]);
    assert.deepEqual(found({ unknownShare: 0.11 }), ["unknown-tokens error"]);
    assert.deepEqual(found({ empty: { count: 1, list: [0] }, truncatedShare: 1 }), [
      "empty-text error",
      "truncated-text warning",
    ]);
  });
});
