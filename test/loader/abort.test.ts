import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { getEventListeners } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Batch,
  checkDataset,
  computeStats,
  DataLoader,
  type FieldContext,
  fitTfidf,
  MultimodalDataset,
  type MultimodalDatasetOptions,
  type Pair,
  packDataset,
  type SourceContext,
  type Texts,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { numberedDataset, numberedPairs, smallTokenizer, tinyImage } from "../support/pairs.js";
import { programFile, typescript } from "../support/programs.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-abort-"));
after(() => rmSync(root, { recursive: true }));
const tokenizer = await smallTokenizer();

const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);
process.on("unhandledRejection", note);
after(() => process.off("unhandledRejection", note));
afterEach(async () => {
  await sleep(20);
  assert.deepEqual(unhandled.splice(0), []);
});

const never = <T>() => new Promise<T>(() => {});

/** Numbered pairs of which those from `first` on never come; and the signals that they were given. */
function stuckFrom(
  first: number,
  options: Partial<MultimodalDatasetOptions> = {},
  stuck: () => Promise<Pair> = never,
) {
  const pairs = numberedPairs(40);
  const signals = new Map<number, AbortSignal | undefined>();
  const source = {
    length: 40,
    get(index: number, { signal }: SourceContext): Pair | Promise<Pair> {
      signals.set(index, signal);
      return index < first ? pairs.get(index) : stuck();
    },
  };
  const dataset = new MultimodalDataset({ source, tokenizer, image: tinyImage, ...options });
  return { dataset, signals };
}

/** Fails where something never ends: half a minute is long enough on any machine that is busy. */
async function soon<T>(work: Promise<T>): Promise<T> {
  const controller = new AbortController();
  const late = sleep(30_000, undefined, { signal: controller.signal }).then(() => {
    throw new Error("it hangs");
  });
  late.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    controller.abort();
  }
}

/** A signal that is aborted some moments after it has been asked for something that never comes. */
function aborting() {
  const controller = new AbortController();
  const reason = new Error("enough");
  const never = <T>() =>
    new Promise<T>(() => {
      setTimeout(() => controller.abort(reason), 50);
    });
  return { signal: controller.signal, reason, never };
}

describe("a source that never gives a pair", () => {
  test("is not waited for by break, and has its signal aborted", async () => {
    const { dataset, signals } = stuckFrom(4);
    const loop = async () => {
      for await (const _ of new DataLoader(dataset, { batchSize: 2 })) break;
    };
    await soon(loop());
    assert.equal(signals.get(4)?.aborted, true);
  });

  test("is not waited for where the loop's body throws", async () => {
    const { dataset, signals } = stuckFrom(4);
    const loop = async () => {
      for await (const _ of new DataLoader(dataset, { batchSize: 2 })) throw new Error("mine");
    };
    await assert.rejects(soon(loop()), /mine/);
    assert.equal(signals.get(4)?.aborted, true);
  });

  test("is not waited for where another pair of its batch, or of one before, is bad", async () => {
    const { dataset, signals } = stuckFrom(4, { text: { clean: (text) => JSON.parse(text) } });
    await assert.rejects(
      soon(new DataLoader(dataset, { batchSize: 8 })[Symbol.asyncIterator]().next()),
    );
    assert.equal(signals.get(4)?.aborted, true);
  });

  test("is not waited for by retry and another batch size", async () => {
    const { dataset } = stuckFrom(8);
    const seen: number[] = [];
    const loop = async () => {
      const loader = new DataLoader(dataset, { batchSize: 4 });
      for await (const { indices } of loader) {
        seen.push(...indices);
        if (seen.length === 4) {
          loader.setBatchSize(2);
          loader.retry();
        }
        if (seen.length === 12) break;
      }
    };
    await soon(loop());
    assert.deepEqual(seen, [0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7]);
  });

  const walks: Record<
    string,
    (dataset: MultimodalDataset, signal: AbortSignal) => Promise<unknown>
  > = {
    "a loader": async (dataset, signal) => {
      for await (const _ of new DataLoader(dataset, { batchSize: 2, signal }));
    },
    "a loader that replaces bad pairs": async (dataset, signal) => {
      const options = { batchSize: 2, signal, onError: "replace" } as const;
      for await (const _ of new DataLoader(dataset, options));
    },
    "a loader in buckets of length": async (dataset, signal) => {
      const lengthBuckets = { window: 8, size: 4 };
      for await (const _ of new DataLoader(dataset, { batchSize: 2, signal, lengthBuckets }));
    },
    "dataset.get": (dataset, signal) => dataset.get(5, { signal }),
    checkDataset: (dataset, signal) => checkDataset(dataset, { batchSize: 2, signal }),
    computeStats: (dataset, signal) => computeStats(dataset, { signal }),
    fitTfidf: (dataset, signal) => fitTfidf(dataset, { signal }),
    packDataset: (dataset, signal) => packDataset(dataset, join(root, "stuck"), { signal }),
  };
  for (const [name, walk] of Object.entries(walks)) {
    test(`is not waited for by ${name} when the signal is aborted`, async () => {
      const { signal, reason, never: stuck } = aborting();
      const { dataset, signals } = stuckFrom(4, {}, stuck);
      await assert.rejects(soon(walk(dataset, signal)), reason);
      assert.equal(signals.get(5)?.aborted, true);
    });

    test(`is not waited for by ${name} where text.clean never settles`, async () => {
      const { signal, reason, never: stuck } = aborting();
      const clean = (() => stuck<string>()) as unknown as (text: string) => string;
      const dataset = await numberedDataset(20, { text: { clean } });
      await assert.rejects(soon(walk(dataset, signal)), reason);
    });
  }

  test("leaves nothing of a pack behind but its tokenizer and its lock", () => {
    const names = existsSync(join(root, "stuck")) ? readdirSync(join(root, "stuck")) : [];
    assert.deepEqual(
      names.filter((name) => !/^(tokenizer.*|pixtok\.lock)\.json$/.test(name)),
      [],
    );
  });

  test("has its signal aborted where its texts() never settles", async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const { signal, reason, never: stuck } = aborting();
    const source = {
      ...numberedPairs(8),
      texts(_: number, context?: SourceContext): Promise<Texts> {
        signals.push(context?.signal);
        return stuck();
      },
    };
    const dataset = new MultimodalDataset({ source, tokenizer, image: tinyImage });
    await assert.rejects(soon(fitTfidf(dataset, { signal })), reason);
    assert.equal(signals.length, 8);
    assert.ok(signals.every((one) => one?.aborted));
  });

  test("does not keep a process from ending", { timeout: 60_000 }, async () => {
    const program = programFile("test/support/stuck-source.mjs");
    const output = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, [...typescript, program], (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else reject(new Error(`code ${error.code}: ${stderr}`));
      });
    });
    assert.equal(output, "ended\n");
  });
});

describe("the signal that a source is given", () => {
  test("may reject its pairs, which is nobody's error then", async () => {
    const pairs = numberedPairs(40);
    const source = {
      length: 40,
      get: (index: number, { signal }: SourceContext) =>
        index < 4
          ? pairs.get(index)
          : new Promise<Pair>((_, reject) => {
              signal?.addEventListener("abort", () => reject(new Error("given up")));
            }),
    };
    const dataset = new MultimodalDataset({ source, tokenizer, image: tinyImage });
    const reported: unknown[] = [];
    const loop = async () => {
      const onSampleError = (error: unknown) => reported.push(error);
      const options = { batchSize: 2, onError: "skip", onSampleError } as const;
      for await (const _ of new DataLoader(dataset, options)) break;
    };
    await soon(loop());
    assert.deepEqual(reported, []);
  });

  test("is not aborted where pairs are wanted, nor are listeners warned of", async () => {
    const warnings: unknown[] = [];
    const warn = (warning: unknown) => warnings.push(warning);
    process.on("warning", warn);
    const pairs = numberedPairs(200);
    const signals: (AbortSignal | undefined)[] = [];
    const source = {
      length: 200,
      get(index: number, { signal }: SourceContext): Pair {
        signal?.addEventListener("abort", () => {});
        signals.push(signal);
        return pairs.get(index);
      },
    };
    const controller = new AbortController();
    const dataset = new MultimodalDataset({ source, tokenizer, image: tinyImage });
    const options = { batchSize: 50, signal: controller.signal };
    for await (const _ of new DataLoader(dataset, options));
    await sleep(10);
    process.off("warning", warn);
    assert.equal(signals.length, 200);
    assert.ok(signals.every((signal) => signal?.aborted === false));
    assert.deepEqual(warnings, []);
  });

  test("is any AbortSignal of dataset.get, and nothing else", async () => {
    const dataset = await numberedDataset(2);
    await assert.rejects(
      dataset.get(0, { signal: "now" as never }),
      /signal: expected an AbortSignal/,
    );
    await assert.rejects(dataset.get(0, { signal: AbortSignal.abort() }), { name: "AbortError" });
  });
});

/** Holds the opening of a file of this name until release(), and counts how often it was asked for. */
function heldOpening(name: string) {
  const { open } = fs;
  let asked = 0;
  let release: () => void = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let begin: () => void = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  fs.open = async (path, ...rest) => {
    if (String(path).endsWith(name)) {
      asked += 1;
      begin();
      await released;
    }
    return open(path, ...rest);
  };
  syncBuiltinESMExports();
  return {
    asked: () => asked,
    /** Settles when it is asked for the first time. */
    begun,
    release,
    end() {
      fs.open = open;
      syncBuiltinESMExports();
      release();
    },
  };
}

test("the signal of a loader has no listener of an epoch that is over, however that has ended", async () => {
  const { signal } = new AbortController();
  const listeners = () => getEventListeners(signal, "abort").length;
  const dataset = await numberedDataset(12);
  const loader = new DataLoader(dataset, { batchSize: 4, signal });
  for await (const _ of loader);
  assert.equal(listeners(), 0);
  for await (const _ of loader) break;
  assert.equal(listeners(), 0);
  const { dataset: bad } = stuckFrom(5, {}, async () => {
    throw new Error("bad");
  });
  await assert.rejects(async () => {
    for await (const _ of new DataLoader(bad, { batchSize: 4, signal }));
  }, /bad/);
  assert.equal(listeners(), 0);
});

describe("images that wait for a decoder outside of the native threads", () => {
  const images = (count: number) =>
    new MultimodalDataset({
      imagePaths: Array.from({ length: count }, (_, i) =>
        fixture(i < 4 ? "images/jpeg-7x5.jpg" : "images/tiff-rgb.tiff"),
      ),
      texts: Array.from({ length: count }, (_, i) => `text ${i}`),
      tokenizer,
      image: tinyImage,
    });

  type Walk = (signal: AbortSignal, begun: Promise<void>) => Promise<unknown>;
  const walks: Record<string, Walk> = {
    "break, of the batches ahead": async (_signal, begun) => {
      for await (const _ of new DataLoader(images(100), { batchSize: 4, prefetch: 10 })) {
        await begun;
        break;
      }
    },
    "a loader's signal": async (signal) => {
      for await (const _ of new DataLoader(images(100), { batchSize: 40, signal }));
    },
    "dataset.get's signal": (signal) => images(5).get(4, { signal }),
  };
  for (const [name, walk] of Object.entries(walks)) {
    test(`are given up on ${name}`, async () => {
      const held = heldOpening("tiff-rgb.tiff");
      const controller = new AbortController();
      void held.begun.then(() => controller.abort(new Error("enough")));
      try {
        const walking = soon(walk(controller.signal, held.begun));
        await walking.catch((error) => assert.match(error.message, /enough/));
        held.release();
        // images are opened in the order in which they came, so those that were not given up came before
        assert.equal((await images(5).get(4)).image.data.length, 3);
        assert.ok(held.asked() >= 2 && held.asked() <= 5, `${held.asked()} were begun`);
      } finally {
        held.end();
      }
    });
  }
});

describe("a field's function that never settles", () => {
  test("is not waited for by break, and has its signal aborted", async () => {
    const signals: AbortSignal[] = [];
    // batches may be ready in any order: only the first one's settles
    const stuck = ({ indices }: Batch, { signal }: FieldContext) => {
      if (indices[0] === 0) return 1;
      signals.push(signal);
      return never<number>();
    };
    const loop = async () => {
      const options = { batchSize: 4, prefetch: 2, fields: { stuck } };
      for await (const _ of new DataLoader(await numberedDataset(40), options)) {
        while (signals.length < 2) await sleep(1);
        break;
      }
    };
    await soon(loop());
    assert.equal(signals.length, 2);
    assert.ok(signals.every((signal) => signal.aborted));
  });

  test("is not waited for when the signal is aborted, nor where another field fails", async () => {
    const { signal, reason, never: stuck } = aborting();
    const epoch = async (fields: object, options = {}) => {
      const dataset = await numberedDataset(40);
      for await (const _ of new DataLoader(dataset, { fields: fields as never, ...options }));
    };
    await assert.rejects(soon(epoch({ stuck }, { signal })), reason);
    const failing = () => {
      throw new Error("no model");
    };
    await assert.rejects(soon(epoch({ stuck, failing })), /fields.failing: no model/);
  });

  test("keeps its batch's memory until it has settled", async () => {
    let settle: () => void = () => {};
    let seen: Uint8Array | undefined;
    const slow = async (batch: { image: { data: unknown } }) => {
      seen = batch.image.data as Uint8Array;
      await new Promise<void>((resolve) => {
        settle = resolve;
      });
    };
    const failing = async () => {
      await sleep(5);
      throw new Error("no model");
    };
    const loader = new DataLoader(await numberedDataset(4), {
      batchSize: 4,
      prefetch: 0,
      fields: { slow, failing },
    });
    await assert.rejects(soon(loader[Symbol.asyncIterator]().next()), /no model/);
    assert.deepEqual([...(seen ?? [])], [0, 0, 0, 1, 0, 0, 2, 0, 0, 3, 0, 0]);
    settle();
    const released = async () => {
      while (seen?.length !== 0) await sleep(1);
    };
    await soon(released());
  });
});
