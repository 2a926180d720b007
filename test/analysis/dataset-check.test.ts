import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  type CheckDatasetOptions,
  type CheckReport,
  checkDataset,
  DataLoader,
  formatCheck,
  MultimodalDataset,
  type PairSource,
  type TextOptions,
} from "pixtok";
import { fixture, readJsonLines, shared, withoutShared } from "../support/fixtures.js";
import { numberedDataset, smallTokenizer, tinyImage } from "../support/pairs.js";

const tokenizer = await smallTokenizer();
const folder = mkdtempSync(join(tmpdir(), "pixtok-check-"));
after(() => rmSync(folder, { recursive: true }));

const photo = fixture("images/jpeg-420.jpg");
const cut = fixture("broken/cut-at-70.jpg");

/** A copy of an image file. */
function copied(file: string, name: string): string {
  const copy = join(folder, name);
  copyFileSync(file, copy);
  return copy;
}

async function checked(
  imagePaths: (string | Uint8Array)[],
  texts: string[],
  text: TextOptions = {},
): Promise<CheckReport> {
  return checkDataset(new MultimodalDataset({ imagePaths, texts, tokenizer, text }));
}

/** Of one photo with each of these texts. */
const checkedTexts = (texts: string[], text?: TextOptions) =>
  checked(
    texts.map(() => photo),
    texts,
    text,
  );

/** Images with a text of its own each. */
const checkedImages = (images: (string | Uint8Array)[]) =>
  checked(
    images,
    images.map((_, index) => `image ${index}`),
  );

const kinds = ({ problems }: CheckReport) => problems.map(({ kind, level }) => [kind, level]);

describe("a check", () => {
  test("of good pairs finds nothing wrong", async () => {
    const report = await checked([photo, fixture("images/png-l.png")], ["a dog", "a cat"]);
    assert.equal(report.ok, true);
    assert.deepEqual(report.problems, []);
    assert.deepEqual([report.length, report.checked, report.errors.count], [2, 2, 0]);
  });

  test("lists what cannot be read, and goes on", async () => {
    const report = await checkedImages([photo, cut, join(folder, "nowhere.jpg"), photo]);
    assert.equal(report.ok, false);
    assert.deepEqual(kinds(report), [["unreadable", "error"]]);
    assert.deepEqual(
      report.errors.list.map(({ index, code, source }) => [index, code, source]),
      [
        [1, "TRUNCATED_IMAGE", cut],
        [2, "FILE_NOT_FOUND", join(folder, "nowhere.jpg")],
      ],
    );
    assert.equal(report.errors.count, 2);
    assert.deepEqual(report.images?.formats, { jpeg: 2 });
  });

  test("refuses the damaged files that Pillow refuses, and no others", async () => {
    interface Line {
      image: string;
      opens: boolean;
    }
    const lines = readJsonLines<Line>(fixture("goldens/broken.jsonl"));
    const report = await checkedImages(lines.map(({ image }) => fixture(`broken/${image}`)));
    assert.deepEqual(
      report.errors.list.map(({ index }) => lines[index]?.image).toSorted(),
      lines.flatMap(({ image, opens }) => (opens ? [] : [image])).toSorted(),
    );
  });

  test("survives a source that fails, and samples that are none", async () => {
    const source: PairSource = {
      length: 4,
      get(index) {
        if (index === 0) throw new Error("the disk is gone");
        const image = index === 1 ? (7 as unknown as string) : photo;
        return { image, text: index === 2 ? (7 as unknown as string) : "a" };
      },
    };
    const report = await checkDataset(new MultimodalDataset({ source, tokenizer }));
    assert.deepEqual(
      report.errors.list.map(({ index, code }) => [index, code]),
      [
        [0, "SAMPLE_FAILED"],
        [1, "INVALID_IMAGE"],
        [2, "INVALID_TEXT"],
      ],
    );
  });

  test("says nothing of what is not there where nothing can be read", async () => {
    const report = await checkedImages([cut, cut]);
    assert.equal(report.ok, false);
    assert.deepEqual([report.images, report.texts, report.batch], [null, null, null]);
  });
});

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
    const report = await checked([photo, copied(photo, "same.jpg")], ["A dog!", "a dog"]);
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
    assert.deepEqual(kinds(report), [["empty-text", "error"]]);
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
    assert.deepEqual(kinds(report), [["lost-letters", "warning"]]);
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

describe("the batch", () => {
  const paddings = ["max_length", "longest"] as const;
  for (const padding of paddings) {
    test(`has a loader's tensors and bytes, with padding ${padding}`, async () => {
      const dataset = await numberedDataset(64, { text: { maxLength: 12, padding } });
      const { batch } = await checkDataset(dataset, { batchSize: 16 });
      for await (const loaded of new DataLoader(dataset, { batchSize: 16 })) {
        const { image, input_ids, attention_mask } = loaded;
        const tensors = { image, input_ids, attention_mask };
        if (input_ids.dims[1] !== batch?.tensors.input_ids.dims[1]) continue;
        assert.equal(batch?.size, 16);
        for (const [name, { type, dims }] of Object.entries(batch?.tensors ?? {})) {
          const actual = tensors[name as keyof typeof tensors];
          assert.deepEqual([type, dims], [actual.type, actual.dims], name);
        }
        const bytes = Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, 0);
        assert.equal(batch?.bytes, bytes);
        return;
      }
      assert.fail("no batch of the loader has as long rows");
    });
  }

  test("is known where every batch has a bad pair", async () => {
    const { batch } = await checkedImages([photo, cut]);
    assert.deepEqual(batch?.tensors.image, { type: "float32", dims: [2, 3, 224, 224] });
  });

  test("has a rate, and the time of an epoch of all pairs at that rate", async () => {
    const started = performance.now();
    const dataset = await numberedDataset(500);
    const { batch } = await checkDataset(dataset, { samples: 100 });
    const seconds = (performance.now() - started) / 1000;
    assert.ok((batch?.pairsPerSecond ?? 0) > 100 / seconds);
    const epoch = (batch?.epochSeconds ?? 0) * (batch?.pairsPerSecond ?? 0);
    assert.ok(Math.abs(epoch - 500) < 1e-6);
  });
});

describe("samples", () => {
  /** Indices that are checked, as all of them fail. */
  const indices = async (length: number, options: CheckDatasetOptions) => {
    const source: PairSource = {
      length,
      get(index) {
        throw new Error(`no ${index}`);
      },
    };
    const dataset = new MultimodalDataset({ source, tokenizer, image: tinyImage });
    const { errors, checked: count } = await checkDataset(dataset, options);
    assert.equal(errors.count, count);
    return errors.list.map(({ index }) => index);
  };
  const first = (count: number) => Array.from({ length: count }, (_, i) => i);

  test("are the first ones", async () => {
    assert.deepEqual(await indices(300, { samples: 70 }), first(70));
    assert.deepEqual(await indices(300, {}), first(300));
    assert.deepEqual(await indices(1200, {}), first(1000));
  });

  test("are random ones where asked for, the same for the same seed", async () => {
    const some = await indices(300, { samples: 70, random: true, seed: 3 });
    assert.equal(new Set(some).size, 70);
    assert.ok(some.some((index) => index >= 70));
    assert.deepEqual(await indices(300, { samples: 70, random: true, seed: 3 }), some);
    assert.notDeepEqual(await indices(300, { samples: 70, random: true, seed: 4 }), some);
  });

  test("are read two times, which is reported", async () => {
    const seen: [number, number][] = [];
    const onProgress = (done: number, total: number) => seen.push([done, total]);
    await checkDataset(await numberedDataset(100), { samples: 64, onProgress });
    assert.deepEqual(seen.at(-1), [128, 128]);
    assert.deepEqual(
      seen.map(([done]) => done),
      seen.map(([done]) => done).toSorted((a, b) => a - b),
    );
  });

  test("are not gone through when the signal says so", async () => {
    const reason = new Error("enough");
    for (const after of [1, 3]) {
      const controller = new AbortController();
      let steps = 0;
      const checking = checkDataset(await numberedDataset(64), {
        signal: controller.signal,
        onProgress() {
          steps += 1;
          if (steps === after) controller.abort(reason);
        },
      });
      await assert.rejects(checking, reason);
    }
  });
});

describe("misuse", () => {
  const refused: [unknown, RegExp][] = [
    [{ samples: 0 }, /samples: expected an integer of at least 1, got 0/],
    [{ random: 1 }, /random: expected true or false, got 1/],
    [{ seed: 0.5 }, /seed: expected an integer of at least 0, got 0.5/],
    [{ batchSize: 0 }, /batchSize: expected an integer from 1 to/],
    [{ onProgress: 1 }, /onProgress: expected a function of two numbers, got 1/],
    [{ sample: 1 }, /checkDataset: unknown option "sample"; expected one of samples, random/],
  ];
  for (const [options, message] of refused) {
    test(`${JSON.stringify(options)} is refused`, async () => {
      const dataset = await numberedDataset(3);
      await assert.rejects(checkDataset(dataset, options as CheckDatasetOptions), { message });
    });
  }

  test("of the dataset is passed on", async () => {
    const clean = () => 7 as unknown as string;
    const dataset = await numberedDataset(3, { text: { clean } });
    await assert.rejects(checkDataset(dataset), TypeError);
  });
});

describe("formatCheck", () => {
  const report: CheckReport = {
    ok: false,
    problems: [
      { kind: "unreadable", level: "error", message: "pairs cannot be read: 12", advice: "fix" },
      { kind: "truncated-text", level: "warning", message: "cut: 3", advice: "raise maxLength" },
    ],
    length: 40_000,
    checked: 1000,
    errors: {
      count: 12,
      list: Array.from({ length: 12 }, (_, index) => ({
        index,
        source: `${index}.jpg`,
        code: "EMPTY_FILE",
        message: `sample ${index}, "${index}.jpg": the file is empty`,
      })),
    },
    images: {
      formats: { png: 8, jpeg: 980 },
      modes: { rgb: 988 },
      smallest: { width: 40, height: 30 },
      largest: { width: 4000, height: 3000 },
      duplicates: {
        count: 1,
        list: [
          [
            { index: 3, path: "/data/3.jpg", text: "a dog" },
            { index: 9, path: null, text: 'a "cat"\u001b[31m' },
          ],
        ],
      },
    },
    texts: {
      maxLength: 128,
      longest: 140,
      truncated: 3,
      truncatedShare: 3 / 988,
      unknown: 1,
      unknownShare: 0.0004,
      lostLetters: 0,
      lostLetterShare: 0,
      losing: { count: 0, list: [] },
      empty: { count: 2, list: [5, 7] },
    },
    batch: {
      size: 64,
      tensors: {
        image: { type: "float32", dims: [64, 3, 224, 224] },
        input_ids: { type: "int64", dims: [64, 128] },
        attention_mask: { type: "int64", dims: [64, 128] },
      },
      bytes: 38_666_240,
      pairsPerSecond: 1040.4,
      epochSeconds: 38.4,
    },
  };

  test("makes a text of a report", () => {
    const unreadable = Array.from(
      { length: 10 },
      (_, index) => `  EMPTY_FILE: sample ${index}, "${index}.jpg": the file is empty`,
    );
    const expected = `checked     1000 of 40000 pairs
images      jpeg 980, png 8; rgb 988
sizes       40x30 to 4000x3000
texts       up to 140 tokens, 0.3 % cut to 128; 0.0 % of tokens unknown; 2 empty
tensors     image float32 [64, 3, 224, 224], input_ids int64 [64, 128], attention_mask int64 [64, 128]
memory      38.7 MB for a batch of 64
rate        1040 pairs a second; an epoch takes 38 s

cannot be read
${unreadable.join("\n")}
  … and 2 more

empty texts
  sample 5
  sample 7

same image, different texts
  sample 3, "/data/3.jpg": "a dog"; sample 9: "a \\"cat\\"\\u001b[31m"

error: pairs cannot be read: 12
  fix
warning: cut: 3
  raise maxLength
not ok: fix the errors before training
`;
    assert.equal(formatCheck(report), expected);
  });

  test("leaves out what there is none of", () => {
    const errors = { count: 0, list: [] };
    const none = { images: null, texts: null, batch: null, problems: [], errors };
    assert.equal(
      formatCheck({ ...report, ...none, ok: true }),
      "checked     1000 of 40000 pairs\n\nok\n",
    );
  });

  test("rounds times and sizes to what one reads", () => {
    const batch = report.batch as NonNullable<CheckReport["batch"]>;
    const textOf = (changes: Partial<typeof batch>) =>
      formatCheck({ ...report, batch: { ...batch, ...changes } });
    const times: [number, string][] = [
      [0.42, "0.4 s"],
      [119, "119 s"],
      [125, "2 min"],
      [7140, "119 min"],
      [7260, "2 h 1 min"],
    ];
    for (const [epochSeconds, text] of times) {
      assert.ok(textOf({ epochSeconds }).includes(`an epoch takes ${text}\n`), text);
    }
    assert.ok(textOf({ bytes: 1234 }).includes("0.00123 MB for"));
    assert.ok(textOf({ bytes: 19.34e9 }).includes("19340 MB for"));
  });
});
