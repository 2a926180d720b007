// Programs in JavaScript are not held back by types: what is given in place of another thing is named.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  attestLock,
  attestPack,
  checkDataset,
  cleanAlphanumeric,
  computeStats,
  createLock,
  DataLoader,
  fitTfidf,
  formatCheck,
  ImageProcessor,
  loadLock,
  loadTfidf,
  MultimodalDataset,
  missingParts,
  openArrow,
  openImageFolder,
  openWeightedSampler,
  Processor,
  readConversation,
  readPreference,
  saveLock,
  saveTfidf,
  showDataset,
  statsPage,
  stream,
  type Tfidf,
  Tokenizer,
  tokenWeights,
  verifyPack,
  weightedSampler,
} from "pixtok";
import { requireInteger } from "../../src/shared/validation.js";
import { fixture } from "../support/fixtures.js";

const tfidf: Tfidf = {
  documents: 1,
  norm: null,
  documentFrequencies: new Uint32Array(1),
  idf: new Float64Array(1),
  specialIds: [],
};

const wordPiece = await Tokenizer.fromPretrained(fixture("wordpiece"));

/** Calls of one parameter, what they expect, and that parameter's name. */
const calls: Record<string, [call: (given: never) => unknown, name: string, expected: string]> = {
  formatCheck: [formatCheck, "report", "what checkDataset() found"],
  statsPage: [statsPage, "stats", "what computeStats() found"],
  saveTfidf: [(given) => saveTfidf(given, "t.json"), "tfidf", "what fitTfidf()"],
  "saveTfidf's path": [(given) => saveTfidf(tfidf, given), "path", "the path of a file"],
  loadTfidf: [loadTfidf, "path", "the path of a file"],
  tokenWeights: [(given) => tokenWeights(tfidf, given), "tokens", "a batch or item"],
  "tokenWeights' fit": [(given) => tokenWeights(given, {} as never), "tfidf", "what fitTfidf()"],
  attestLock: [attestLock, "lock", "what createLock() or loadLock() gave"],
  saveLock: [(given) => saveLock(given, "l.json"), "lock", "what createLock() or loadLock() gave"],
  loadLock: [loadLock, "path", "the path of a lock"],
  verifyPack: [verifyPack, "folder", "the path of a folder"],
  attestPack: [attestPack, "folder", "the path of a folder"],
  "Tokenizer.fromPretrained": [
    (given) => Tokenizer.fromPretrained(given),
    "the name of the tokenizer",
    "a path or an id",
  ],
  "ImageProcessor.fromPretrained": [
    (given) => ImageProcessor.fromPretrained(given),
    "the name of the image processor",
    "a path or an id",
  ],
  "Processor.fromPretrained": [
    (given) => Processor.fromPretrained(given),
    "the name of the tokenizer",
    "a path or an id",
  ],
  "Tokenizer's tokenToId": [(given) => wordPiece.tokenToId(given), "token", "a string"],
  openImageFolder: [openImageFolder, "folder", "the path or URL of a folder"],
  cleanAlphanumeric: [cleanAlphanumeric, "text", "a string"],
};

describe("what is no such thing is named, and what was expected:", () => {
  for (const [title, [call, name, expected]] of Object.entries(calls)) {
    const attempt = (given: unknown) =>
      assert.rejects(async () => call(given as never), {
        name: "TypeError",
        message: new RegExp(`^${name}: expected ${expected.replace(/[()]/g, "\\$&")}.*, got `),
      });
    test(title, async () => {
      await attempt(undefined);
      await attempt(7);
    });

    test(`${title}, where an await is forgotten`, () =>
      assert.rejects(async () => call(Promise.resolve() as never), {
        name: "TypeError",
        message: /, got a Promise \(await it\)$/,
      }));
  }

  test("the path of a lock in place of a lock", () =>
    assert.rejects(attestLock("l.json" as never), /^TypeError: lock: expected .*, got "l.json"$/));

  test("a report that has one of its members alone", () =>
    assert.throws(() => formatCheck({ errors: { count: 0, list: [] } } as never), {
      name: "TypeError",
      message: /^report: expected what checkDataset\(\) found, got /,
    }));

  test("tensors that are none", () => {
    const tokens = { input_ids: 1, attention_mask: 2 };
    assert.throws(() => tokenWeights(tfidf, tokens as never), {
      name: "TypeError",
      message: "input_ids: expected a tensor with data and dims, got 1",
    });
  });
});

describe("options that do not exist are refused, naming the function:", () => {
  const dataset = new MultimodalDataset({ imagePaths: ["a.jpg"], text: null });
  const optionsOf: Record<string, (unknown: object) => unknown> = {
    verifyPack: (unknown) => verifyPack("packed", unknown),
    missingParts: (unknown) => missingParts("packed", 2, unknown),
    openArrow: (unknown) => openArrow("a.arrow", unknown),
    stream: (unknown) => stream([], unknown),
    weightedSampler: (unknown) => weightedSampler([1], unknown),
    openWeightedSampler: (unknown) => openWeightedSampler("w.npy", unknown),
    readConversation: (unknown) => readConversation({}, unknown),
    readPreference: (unknown) => readPreference({}, unknown),
    MultimodalDataset: (unknown) => new MultimodalDataset(unknown as never),
    "MultimodalDataset.from": (unknown) => MultimodalDataset.from("pairs.jsonl", unknown),
    "Processor.fromPretrained": (unknown) => Processor.fromPretrained("model", unknown),
    DataLoader: (unknown) => new DataLoader(dataset, unknown as never),
    checkDataset: (unknown) => checkDataset(dataset, unknown),
    computeStats: (unknown) => computeStats(dataset, unknown),
    fitTfidf: (unknown) => fitTfidf(dataset as never, unknown),
    showDataset: (unknown) => showDataset(dataset, unknown),
  };
  for (const [name, call] of Object.entries(optionsOf)) {
    test(name, () =>
      assert.rejects(async () => call({ sise: 1 }), {
        name: "TypeError",
        message: new RegExp(`^${name}: unknown option "sise"`),
      }),
    );
  }
});

test("options that are not awaited are not taken for none", async () => {
  const options = Promise.resolve({});
  const expected = { name: "TypeError", message: /an object with options, got a Promise/ };
  assert.throws(() => new ImageProcessor(options as object), expected);
  await assert.rejects(createLock(options as object), expected);
});

test("a dataset that is not awaited is said to be a promise", () =>
  assert.rejects(checkDataset(Promise.resolve() as never), {
    message: "dataset: expected a MultimodalDataset, got a Promise (await it)",
  }));

test("an integer above what is exact is told the most there may be", () =>
  assert.throws(() => requireInteger("seed", 2 ** 60, 0), {
    name: "RangeError",
    message: `seed: expected an integer from 0 to ${2 ** 53 - 1}, got ${2 ** 60}`,
  }));
