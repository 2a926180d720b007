import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type ComputeStatsOptions,
  computeStats,
  type DatasetStats,
  ImageProcessor,
  type ImageProcessorOptions,
  MultimodalDataset,
  type PairSource,
  type WorkDetails,
} from "pixtok";
import { assertClose } from "../support/close-numbers.js";
import { fixture, readJsonLines } from "../support/fixtures.js";
import { numberedDataset, numberedPairs, smallTokenizer } from "../support/pairs.js";

interface Golden {
  options: ImageProcessorOptions;
  images: string[];
  pixels: number;
  mean: number[];
  std: number[];
  histograms: number[][];
}

const goldens = readJsonLines<Golden>(fixture("goldens/statistics.jsonl"));
const tokenizer = await smallTokenizer();

function datasetOf(
  paths: string[],
  image: ImageProcessor = ImageProcessor.standard(),
): MultimodalDataset {
  const texts = paths.map((_, index) => `text ${index}`);
  return new MultimodalDataset({ imagePaths: paths, texts, tokenizer, image });
}

/** Images of one pixel each. */
function pixels(...colours: [number, number, number][]): PairSource {
  return {
    length: colours.length,
    get: (index) => ({
      image: { data: Uint8Array.from(colours[index] ?? []), width: 1, height: 1, channels: 3 },
      text: "a",
    }),
  };
}

describe("pixels", () => {
  for (const golden of goldens) {
    test(`are counted as NumPy counts Pillow's, with ${JSON.stringify(golden.options)}`, async () => {
      const paths = golden.images.map((name) => fixture(`images/${name}`));
      const stats = await computeStats(datasetOf(paths, new ImageProcessor(golden.options)));
      assert.equal(stats.errors.count, 0);
      assert.equal(stats.pairs, paths.length);
      assert.equal(stats.pixels, golden.pixels);
      assert.deepEqual(stats.channelHistograms, golden.histograms);
      assertClose(stats.mean, golden.mean);
      assertClose(stats.std, golden.std);
    });
  }

  test("are the same whatever type, layout, normalization and threads are", async () => {
    const [golden] = goldens as [Golden];
    const paths = golden.images.slice(0, 20).map((name) => fixture(`images/${name}`));
    const expected = await computeStats(datasetOf(paths));
    const variants: ImageProcessorOptions[] = [
      { type: "uint8", layout: "hwc" },
      { type: "float16", mean: [0.5, 0.5, 0.5], std: [0.1, 0.1, 0.1] },
      { rescale: 1 / 127.5, mean: [1, 1, 1], std: [1, 1, 1] },
    ];
    for (const [row, options] of variants.entries()) {
      const dataset = datasetOf(paths, new ImageProcessor(options));
      const stats = await computeStats(dataset, { threads: row + 1 });
      assert.deepEqual(stats.channelHistograms, expected.channelHistograms);
      assert.deepEqual([stats.mean, stats.std], [expected.mean, expected.std]);
    }
  });
});

describe("texts", () => {
  test("have their lengths counted, special tokens included, before they are cut", async () => {
    const texts = ["", "a", "a dog", "a cat", "a a a a a a a a"];
    const imagePaths = texts.map(() => fixture("images/jpeg-7x5.jpg"));
    const text = { maxLength: 4 };
    const dataset = new MultimodalDataset({ imagePaths, texts, tokenizer, text });
    const { tokenLengthHistogram, maxLength } = await computeStats(dataset);
    assert.deepEqual(tokenLengthHistogram, [0, 0, 1, 1, 2, 0, 0, 0, 0, 0, 1]);
    assert.equal(maxLength, 4);
  });
});

describe("samples", () => {
  /** Indices of numbered pairs that were counted: the red values of their images. */
  const countedIndices = async (options: ComputeStatsOptions) => {
    const { channelHistograms } = await computeStats(await numberedDataset(250), options);
    return [...channelHistograms[0].entries()].filter(([, times]) => times > 0).map(([i]) => i);
  };

  test("are random ones, each at most once, the same for the same seed", async () => {
    const some = await countedIndices({ samples: 40, seed: 5 });
    assert.equal(some.length, 40);
    assert.notDeepEqual(
      some,
      Array.from({ length: 40 }, (_, i) => i),
    );
    assert.deepEqual(await countedIndices({ samples: 40, seed: 5 }), some);
    assert.notDeepEqual(await countedIndices({ samples: 40, seed: 6 }), some);
  });

  test("are all of them where there are fewer, or none are asked for", async () => {
    const all = Array.from({ length: 250 }, (_, i) => i);
    assert.deepEqual(await countedIndices({ samples: 1000 }), all);
    assert.deepEqual(await countedIndices({}), all);
  });

  test("that are counted are reported", async () => {
    const seen: [number, number][] = [];
    const onProgress = (done: number, total: number) => seen.push([done, total]);
    await computeStats(await numberedDataset(250), { samples: 200, onProgress });
    assert.deepEqual(seen.at(-1), [200, 200]);
    assert.ok(seen.length > 1);
  });

  test("are told with errors and how long threads wait", async () => {
    const { get } = numberedPairs(130);
    const source = {
      length: 130,
      get(index: number) {
        if (index % 50 === 7) throw new Error("bad");
        return get(index);
      },
    };
    const seen: WorkDetails[] = [];
    await computeStats(await numberedDataset(130, { source }), {
      onProgress: (_done, _total, details) => seen.push(details),
    });
    const errors = seen.map(({ errors }) => errors);
    assert.deepEqual(errors, [2, 3, 3]);
    for (const { waiting = -1 } of seen) {
      assert.ok(waiting > 0 && waiting < 1, `${waiting}`);
    }
  });

  test("stop being counted when the signal says so", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const counting = computeStats(await numberedDataset(5000), {
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    await assert.rejects(counting, reason);
  });
});

describe("bad samples", () => {
  const good = fixture("images/jpeg-7x5.jpg");
  const cut = fixture("broken/cut-at-70.jpg");

  test("are left out, and listed with what is wrong", async () => {
    const source: PairSource = {
      length: 6,
      get(index) {
        if (index === 3) throw new Error("the disk is gone");
        const text = index === 4 ? (7 as unknown as string) : "a";
        const image = index === 5 ? (7 as unknown as string) : index === 1 ? cut : good;
        return { image, text };
      },
    };
    const stats = await computeStats(new MultimodalDataset({ source, tokenizer }));
    assert.equal(stats.pairs, 2);
    assert.equal(stats.errors.count, 4);
    assert.deepEqual(stats.errors.list.map(({ index, code }) => [index, code]).sort(), [
      [1, "TRUNCATED_IMAGE"],
      [3, "SAMPLE_FAILED"],
      [4, "INVALID_TEXT"],
      [5, "INVALID_IMAGE"],
    ]);
    assert.equal(stats.errors.list.find(({ index }) => index === 1)?.source, cut);
    const alone = await computeStats(datasetOf([good, good]));
    assert.deepEqual(stats.channelHistograms, alone.channelHistograms);
    assert.deepEqual(stats.tokenLengthHistogram, [0, 0, 0, 2]);
  });

  test("take their own texts with them", async () => {
    const source: PairSource = {
      length: 4,
      get: (index) => ({ image: index % 2 === 0 ? cut : good, text: "a ".repeat(1 + index) }),
    };
    const stats = await computeStats(new MultimodalDataset({ source, tokenizer }));
    // those with two and with four words, [CLS] and [SEP]
    assert.deepEqual(stats.tokenLengthHistogram, [0, 0, 0, 0, 1, 0, 1]);
  });

  test("are an error where there is no other", async () => {
    await assert.rejects(computeStats(datasetOf([cut, cut])), {
      code: "NO_READABLE_SAMPLE",
      message: /none of 2 pairs can be read; the first: .*cut-at-70.jpg/,
    });
  });
});

describe("mean and std of the processor", () => {
  /** A dataset whose channels have mean 0.4 and standard deviation 0.2. */
  const statsWith = async (options: ImageProcessorOptions): Promise<DatasetStats> => {
    const image = new ImageProcessor({ resize: { width: 1, height: 1 }, ...options });
    const source = pixels([51, 51, 51], [153, 153, 153]);
    return computeStats(new MultimodalDataset({ source, tokenizer, image }));
  };
  const three = (value: number): [number, number, number] => [value, value, value];

  test("fit where normalized values have about mean 0 and standard deviation 1", async () => {
    const { normalization, warning } = await statsWith({ mean: three(0.4), std: three(0.2) });
    assert.equal(normalization?.fits, true);
    assertClose(normalization?.std ?? [], three(1));
    for (const mean of normalization?.mean ?? []) assert.ok(Math.abs(mean) < 1e-12);
    assert.equal(warning, null);
  });

  test("may be off by half a standard deviation and by a factor of 2", async () => {
    const fits = async (mean: number, std: number) =>
      (await statsWith({ mean: three(mean), std: three(std) })).normalization?.fits;
    assert.equal(await fits(0.31, 0.2), true);
    assert.equal(await fits(0.29, 0.2), false);
    assert.equal(await fits(0.51, 0.2), false);
    assert.equal(await fits(0.4, 0.39), true);
    assert.equal(await fits(0.4, 0.41), false);
    assert.equal(await fits(0.4, 0.09), false);
  });

  test("that do not fit are warned of, with figures and what to use", async () => {
    const { warning, configuration } = await statsWith({ mean: three(0.9), std: three(0.1) });
    assert.match(warning ?? "", /red -5\.00 and 2\.00, green -5\.00 and 2\.00, blue -5\.00/);
    assert.ok(warning?.includes(configuration));
  });

  test("are compared in the units of the processor's rescale", async () => {
    for (const [rescale, unit] of [
      [1 / 127.5, 2],
      [false, 255],
    ] as const) {
      const options = { rescale, mean: three(0.4 * unit), std: three(0.2 * unit) };
      const { normalization, configuration } = await statsWith(options);
      assertClose(normalization?.std ?? [], three(1));
      assert.equal(normalization?.fits, true);
      const numbers = `mean: [${three(0.4 * unit).join(", ")}], std: [${three(0.2 * unit).join(", ")}]`;
      assert.ok(configuration.includes(numbers), configuration);
    }
  });

  test("are not compared where there are none", async () => {
    for (const options of [{ type: "uint8" }, { mean: null, std: null }] as const) {
      const { normalization, warning } = await statsWith(options);
      assert.deepEqual([normalization, warning], [null, null]);
    }
  });

  /** The processor that a configuration makes, and its options. */
  const pasted = (configuration: string) =>
    (new Function("ImageProcessor", `return ${configuration}`)(ImageProcessor) as ImageProcessor)
      .config;

  test("are in a configuration that keeps every other option", async () => {
    const options: ImageProcessorOptions = {
      resize: { shortestEdge: 8 },
      centerCrop: 8,
      filter: "bicubic",
      convention: "huggingface",
      rescale: 1 / 255,
      layout: "hwc",
      type: "float16",
      maxPixels: 1000,
    };
    const { configuration } = await statsWith(options);
    const expected = new ImageProcessor({ ...options, mean: three(0.4), std: three(0.2) });
    assert.deepEqual(pasted(configuration), expected.config);
  });

  test("are in a configuration that normalizes, where the dataset does not", async () => {
    const { configuration } = await statsWith({ type: "uint8" });
    const resize = { width: 1, height: 1 };
    const expected = new ImageProcessor({ resize, mean: three(0.4), std: three(0.2) });
    assert.deepEqual(pasted(configuration), expected.config);
  });

  test("are in a configuration that is possible, where a channel never changes", async () => {
    const source = pixels([0, 255, 51], [0, 255, 153]);
    const dataset = new MultimodalDataset({ source, tokenizer });
    const { configuration, warning } = await computeStats(dataset);
    assert.deepEqual(pasted(configuration).std, [1, 1, 0.2]);
    assert.match(warning ?? "", /do not fit/);
  });
});

describe("options", () => {
  const refused: [unknown, RegExp][] = [
    [{ samples: 0 }, /samples: expected an integer of at least 1, got 0/],
    [{ seed: -1 }, /seed: expected an integer of at least 0, got -1/],
    [{ threads: 0 }, /threads: expected an integer from 1 to 1024, got 0/],
    [{ onProgress: "bar" }, /onProgress: expected a function of two numbers, got "bar"/],
    [{ signal: 1 }, /signal: expected an AbortSignal, got 1/],
    [{ sample: 1 }, /computeStats: unknown option "sample"; expected one of samples, seed/],
  ];
  for (const [options, message] of refused) {
    test(`${JSON.stringify(options)} is refused`, async () => {
      const dataset = await numberedDataset(3);
      await assert.rejects(computeStats(dataset, options as ComputeStatsOptions), { message });
    });
  }

  test("a dataset that is none is refused", async () => {
    const dataset = numberedPairs(1) as unknown as MultimodalDataset;
    await assert.rejects(computeStats(dataset), /dataset: expected a MultimodalDataset/);
  });
});
