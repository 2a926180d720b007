import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import {
  type CheckDatasetOptions,
  checkDataset,
  DataLoader,
  MultimodalDataset,
  type PairSource,
} from "pixtok";
import { checked, checkedImages, cut, kinds, photo } from "../support/checks.js";
import { fixture, readJsonLines } from "../support/fixtures.js";
import { numberedDataset, smallTokenizer, tinyImage } from "../support/pairs.js";

const tokenizer = await smallTokenizer();
const folder = mkdtempSync(join(tmpdir(), "pixtok-check-"));
after(() => rmSync(folder, { recursive: true }));

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

  const whole = readFileSync(fixture("images/gif-animated.gif"));
  for (const [what, code, change] of [
    ["is gone", "FILE_NOT_FOUND", rmSync],
    ["is cut short", "TRUNCATED_IMAGE", (path: string) => truncateSync(path, 30)],
  ] as const) {
    test(`lists a file that ${what} between the two times, as one that was so before`, async () => {
      const passing = join(folder, `${code}.gif`);
      writeFileSync(passing, whole);
      let reads = 0;
      const source: PairSource = {
        length: 2,
        get(index) {
          if (index === 1 && ++reads === 2) change(passing);
          return { image: index === 1 ? passing : photo, text: `image ${index}` };
        },
      };
      const between = await checkDataset(new MultimodalDataset({ source, tokenizer }));
      assert.equal(between.errors.list[0]?.code, code);
      const before = await checkedImages([photo, passing]);
      assert.deepEqual(between.errors, before.errors);
      assert.deepEqual(between.images?.formats, { jpeg: 1 });
    });
  }

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

describe("the batch", () => {
  const paddings = ["max_length", "longest"] as const;
  for (const padding of paddings) {
    test(`has a loader's tensors and bytes, with padding ${padding}`, async () => {
      const dataset = await numberedDataset(64, { text: { maxLength: 12, padding } });
      const { batch } = await checkDataset(dataset, { batchSize: 16 });
      for await (const loaded of new DataLoader(dataset, { batchSize: 16 })) {
        const { image, input_ids, attention_mask } = loaded;
        const tensors = { image, input_ids, attention_mask };
        if (input_ids.dims[1] !== batch?.tensors.input_ids?.dims[1]) continue;
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
