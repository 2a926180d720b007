// The plan of a pack, what is tried again, and whose a claim is; and that a pack gives back what it was given.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { after, describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { MultimodalDataset, packDataset } from "pixtok";
import type { DatasetPipeline } from "../../src/dataset/dataset-pipeline.js";
import { imageTimes } from "../../src/image/image-times.js";
import { packLayout } from "../../src/packing/pack-layout.js";
import { packReaders } from "../../src/packing/pack-options.js";
import { type PrepareOptions, prepareRows } from "../../src/packing/prepared-rows.js";
import { retryFailures } from "../../src/packing/retries.js";
import { PixtokError } from "../../src/shared/errors.js";
import { MAX_THREADS } from "../../src/shared/limits.js";
import { readOptions } from "../../src/shared/options.js";
import { hasEnded, thisProcess } from "../../src/shared/process-identity.js";
import { unwritableFile } from "../../src/shared/unwritable-file.js";
import { indexOfPixel, smallTokenizer, tinyImage } from "../support/pairs.js";
import { fc } from "../support/properties.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-pack-parts-"));
after(() => rmSync(root, { recursive: true }));
const tokenizer = await smallTokenizer();

describe("a plan", () => {
  const MEBIBYTE = 2 ** 20;
  const plans = fc.record({
    length: fc.integer({ min: 1, max: 3000 }),
    imageBytes: fc.oneof(
      fc.constantFrom(1, 768, 65_536, 9 * MEBIBYTE, 16 * MEBIBYTE, 17 * MEBIBYTE),
    ),
    fileBytes: fc.oneof(
      fc.constantFrom(1, 767, 768, 769, 200_000),
      fc.integer({ min: 1, max: 64 * MEBIBYTE }),
    ),
    parts: fc.integer({ min: 1, max: 7 }),
  });

  test("has every pair once, in order, in files and messages of no more than their bytes", () => {
    fc.assert(
      fc.property(plans, ({ length, imageBytes, fileBytes, parts }) => {
        const plan = packLayout(length, imageBytes, fileBytes);
        const files = Array.from({ length: parts }, (_, index) => plan.part(index, parts)).flat();
        assert.deepEqual(files, [...Array(plan.files).keys()]);
        const sizes = files.map((file) => plan.pairsIn(file));
        for (const size of sizes) assert.ok(size === 1 || size * imageBytes <= fileBytes);
        assert.ok(sizes.slice(0, -1).every((size) => size === plan.filePairs));
        const seen: number[] = [];
        const messages = new Map<number, number>();
        for (const { file, indices, last } of plan.tasks(files)) {
          messages.set(file, (messages.get(file) ?? 0) + 1);
          assert.ok(indices.length === 1 || indices.length * imageBytes <= 16 * MEBIBYTE);
          assert.ok(indices.length >= 1 && indices.length <= 256);
          assert.equal(Math.floor((indices[0] as number) / plan.filePairs), file);
          seen.push(...indices);
          const end = file * plan.filePairs + plan.pairsIn(file);
          assert.equal(last, indices.at(-1) === end - 1);
        }
        assert.deepEqual(seen, [...Array(length).keys()]);
        for (const file of files) assert.equal(messages.get(file), plan.messagesIn(file));
      }),
      { numRuns: 60 },
    );
  });

  test("fills files to the last byte", () => {
    assert.equal(packLayout(10, 768, 3 * 768).filePairs, 3);
    assert.equal(packLayout(10, 768, 3 * 768 - 1).filePairs, 2);
    assert.deepEqual(
      [...packLayout(5, 8 * MEBIBYTE, 2 ** 40).tasks([0])].map(({ indices }) => indices.length),
      [2, 2, 1],
    );
  });
});

describe("what is tried again", () => {
  const { signal } = new AbortController();
  const fault = new PixtokError("STORAGE_FAILED", "gone");
  const bad = new PixtokError("CORRUPT_IMAGE", "bad");

  test("is what a fault of the machine has kept from being read, and nothing else", async () => {
    const asked: number[][] = [];
    const failures = await retryFailures(
      [1, 2, 3, 4],
      { retries: 4, signal },
      async (some) => {
        asked.push([...some]);
        return some.flatMap((sample) => {
          if (sample === 2) return { sample, error: bad };
          return sample >= 3 && asked.length === 1 ? { sample, error: fault } : [];
        });
      },
      ({ sample }) => sample,
    );
    assert.deepEqual(asked, [
      [1, 2, 3, 4],
      [3, 4],
    ]);
    assert.deepEqual(failures, [{ sample: 2, error: bad }]);
  });

  test("is tried as often as is said, after a wait that can be given up", async () => {
    let tries = 0;
    const always = async (some: readonly number[]) => {
      tries += 1;
      return some.map((sample) => ({ sample, error: fault }));
    };
    const sampleOf = ({ sample }: { sample: number }) => sample;
    const none = await retryFailures([1], { retries: 0, signal }, always, sampleOf);
    assert.deepEqual([tries, none], [1, [{ sample: 1, error: fault }]]);
    const began = performance.now();
    const once = await retryFailures([1], { retries: 1, signal }, always, sampleOf);
    assert.deepEqual([tries, once], [3, [{ sample: 1, error: fault }]]);
    assert.ok(performance.now() - began >= 245);
    const reason = new Error("enough");
    const ended = { retries: 9, signal: AbortSignal.abort(reason) };
    await assert.rejects(retryFailures([1], ended, always, sampleOf), (error) => error === reason);
    assert.equal(tries, 4);
  });
});

test("an image that a fault of the machine has kept from being stored is stored again, in its own row", async () => {
  const asked: number[] = [];
  const size = { width: 1, height: 1 };
  const store: PrepareOptions["store"] = async ({ indices: [index = -1] }) => {
    asked.push(index);
    const isFirst = asked.filter((one) => one === index).length === 1;
    if (index === 6 && isFirst) throw new PixtokError("STORAGE_FAILED", "it failed");
    const data = Uint8Array.of(index, index, index);
    return [{ data, units: 1, unit: size, size, facts: {} }];
  };
  const image = { image: "a.png", source: "a.png", place: 0 };
  const pair = { images: image, columnImages: [], texts: [""], key: "", source: "", columns: [] };
  const pairs = { readEveryText: async (index: number) => ({ ...pair, index }) };
  const dataset = { pairs, text: null, columns: [], processor: undefined, chat: undefined };
  const { rows, errors } = await prepareRows(
    dataset as unknown as DatasetPipeline,
    [5, 6, 7],
    {
      ...{ store, plans: [], several: false, onError: "throw", retries: 1, threads: 1 },
      times: imageTimes(),
    },
    new AbortController().signal,
  );
  assert.deepEqual([asked, errors, rows.indices], [[5, 6, 7, 6], [], [5, 6, 7]]);
  const stored = rows.images as readonly (readonly { data: Uint8Array }[])[];
  assert.deepEqual(
    stored.map((own) => own.map(({ data }) => data[0])),
    [[5], [6], [7]],
  );
});

test("options of a pack have their defaults and limits", () => {
  const read = (options: object) => readOptions("packDataset", options, packReaders);
  const { fileBytes, part, onError, retries } = read({});
  assert.deepEqual(
    { fileBytes, part, onError, retries },
    { fileBytes: 512 * 2 ** 20, part: { index: 0, of: 1 }, onError: "throw", retries: 4 },
  );
  assert.deepEqual([read({ threads: 1 }).threads, read({}).threads], [1, undefined]);
  assert.deepEqual([read({ retries: 10 }).retries, read({ fileBytes: 1 }).fileBytes], [10, 1]);
  assert.deepEqual(read({ part: { index: 2, of: 3 } }).part, { index: 2, of: 3 });
  for (const [options, message] of [
    [{ fileBytes: 0 }, /fileBytes: expected an integer of at least 1/],
    [{ part: { index: 0, of: 0 } }, /part\.of: expected an integer of at least 1/],
    [{ part: { index: -1, of: 2 } }, /part\.index: expected an integer/],
    [{ retries: -1 }, /retries: expected an integer/],
    [{ retries: 11 }, /retries: expected an integer from 0 to 10/],
    [{ threads: 0 }, /threads: expected an integer from 1 to/],
    [{ threads: MAX_THREADS + 1 }, /threads: expected an integer from 1 to/],
    [{ part: { index: 2, of: 2 } }, /part\.index: expected an integer from 0 to 1/],
    [{ onError: "replace" }, /onError: expected one of "throw", "skip"/],
  ] as const)
    assert.throws(() => read(options), message);
});

test("a full disk is FILE_UNWRITABLE, a broken one a fault of the machine", () => {
  const of = (code: string) =>
    unwritableFile("a", Object.assign(new Error(`${code}: no`), { code }));
  for (const code of ["ENOSPC", "EDQUOT"]) {
    assert.deepEqual(
      [of(code).code, of(code).reason],
      ["FILE_UNWRITABLE", "there is no room left on the disk"],
    );
    assert.match(of(code).message, /\(free some, or write to another disk\)$/);
  }
  assert.match(of("EACCES").message, /\(check that the folder exists and can be written to\)$/);
  assert.deepEqual([of("EACCES").code, of("EACCES").reason], ["FILE_UNWRITABLE", "EACCES: no"]);
  assert.equal(of("EIO").code, "STORAGE_FAILED");
});

describe("a process", () => {
  test("is known by number, start and where it is", async () => {
    const own = thisProcess();
    assert.equal(own.pid, process.pid);
    assert.deepEqual(thisProcess(), own);
    assert.equal(hasEnded(own), false);
    assert.equal(hasEnded({ ...own, processes: "elsewhere" }), false);
    if (process.platform === "linux") {
      assert.match(own.started, /^\d+$/);
      assert.equal(
        hasEnded({ ...own, started: `${own.started}1` }),
        true,
        "another has its number",
      );
      assert.match(own.processes, /^\S+ [0-9a-f-]{36} pid:\[\d+\]$/);
    }
    const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
    const pid = child.pid as number;
    await once(child, "close");
    assert.equal(hasEnded({ ...own, pid }), true);
  });

  test("has ended where its parent has not asked for its code", {
    skip: existsSync("/proc/self/stat") ? false : "the system does not say that it is a zombie",
  }, async () => {
    // sleep does not ask for a child that it has from the shell before it
    const parent = spawn("sh", ["-c", "cat <&3 & echo $!; exec sleep 600"], {
      stdio: ["ignore", "pipe", "inherit", "pipe"],
    });
    try {
      const [line] = await once(parent.stdout as Readable, "data");
      const pid = Number(line);
      const status = () => {
        const text = readFileSync(`/proc/${pid}/stat`, "latin1");
        return text.slice(text.lastIndexOf(")") + 2).split(" ");
      };
      const identity = { ...thisProcess(), pid, started: status()[19] as string };
      assert.equal(hasEnded(identity), false);
      // the shell does ask
      const name = () => readFileSync(`/proc/${parent.pid}/comm`, "latin1").trim();
      while (name() !== "sleep") await setImmediate();
      process.kill(pid, "SIGKILL");
      while (status()[0] !== "Z") await setImmediate();
      assert.equal(hasEnded(identity), true);
    } finally {
      parent.kill("SIGKILL");
    }
  });
});

describe("a packed set", () => {
  const texts = fc.array(fc.string({ unit: "grapheme", maxLength: 12 }), {
    minLength: 1,
    maxLength: 3,
  });
  const sets = fc.record({
    rows: fc.array(fc.record({ texts, id: fc.string({ unit: "grapheme" }) }), {
      minLength: 1,
      maxLength: 9,
    }),
    filePairs: fc.integer({ min: 1, max: 4 }),
    onMultipleTexts: fc.constantFrom("first" as const, "random" as const),
  });

  test("gives back images, texts, ids and their order, whatever they are", async () => {
    let made = 0;
    await fc.assert(
      fc.asyncProperty(sets, async ({ rows, filePairs, onMultipleTexts }) => {
        const source = {
          length: rows.length,
          get: (index: number) => ({
            image: { data: Uint8Array.of(index, 7, 0), width: 1, height: 1, channels: 3 as const },
            text: rows[index]?.texts as string[],
            key: rows[index]?.id as string,
          }),
        };
        const options = {
          tokenizer,
          image: tinyImage,
          text: { clean: "none", maxLength: 9 },
          onMultipleTexts,
        } as const;
        const dataset = new MultimodalDataset({ source, ...options });
        made += 1;
        const folder = join(root, `set-${made}`);
        const { pairs, files } = await packDataset(dataset, folder, { fileBytes: 3 * filePairs });
        assert.deepEqual([pairs, files], [rows.length, Math.ceil(rows.length / filePairs)]);
        const packed = await MultimodalDataset.from(folder, options);
        assert.equal(packed.length, rows.length);
        for (let index = 0; index < rows.length; index += 1) {
          for (const epoch of [0, 1]) {
            const [given, expected] = await Promise.all([
              packed.get(index, { epoch }),
              dataset.get(index, { epoch }),
            ]);
            assert.equal(indexOfPixel(given.image.data, 0), 256 * 7 + index);
            assert.deepEqual(given, expected);
          }
        }
      }),
      { numRuns: 6 },
    );
  });

  test("whose rows begin before the ones before them is refused", async () => {
    const texts = ["a", "a a", "a a a"];
    const images = texts.map(() => ({
      data: new Uint8Array(3),
      width: 1,
      height: 1,
      channels: 3 as const,
    }));
    const folder = join(root, "falling");
    const text = { maxLength: 9 };
    await packDataset(
      new MultimodalDataset({ imagePaths: images, texts, tokenizer, image: tinyImage, text }),
      folder,
    );
    const [name] = readdirSync(folder).filter((file) => file.endsWith(".arrow"));
    const path = join(folder, name as string);
    const bytes = readFileSync(path);
    const offsets = (...values: number[]) => Buffer.from(Int32Array.from(values).buffer);
    const at = bytes.indexOf(offsets(0, 3, 7, 12)); // of tokens, with the two that are special
    assert.ok(at > 0 && bytes.indexOf(offsets(0, 3, 7, 12), at + 1) < 0);
    bytes.set(offsets(0, 7, 3, 12), at);
    writeFileSync(path, bytes);
    const reading = async () => {
      const dataset = await MultimodalDataset.from(folder);
      for (const index of texts.keys()) await dataset.get(index);
    };
    await assert.rejects(reading(), {
      code: "INVALID_PACK",
      message: /a column's offsets are not in order/,
    });
  });
});
