// Rows that cannot be counted, have no tokens, or change, while they are joined to sequences.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  DataLoader,
  type DataLoaderOptions,
  type LoaderState,
  MultimodalDataset,
  type PairSource,
} from "pixtok";
import { makeBatch } from "../../src/dataset/batch-assembly.js";
import { pipelineOf } from "../../src/dataset/dataset.js";
import { chatProcessor } from "../support/chat-processor.js";

const processor = await chatProcessor();
/** Its template writes what is said and nothing else. */
const bare = await chatProcessor({
  chat_template: "{% for message in messages %}{{ message.content }}{% endfor %}",
});

const row = (words: number) => ({ prompt: Array(words).fill("word").join(" "), completion: "cat" });

/** Rows of so many words, of which `get` may be another. */
const sourceOf = (
  words: readonly number[],
  get = (index: number) => row(words[index] as number),
): PairSource => ({
  length: words.length,
  fingerprint: "rows",
  get: (index) => ({ image: [], text: "", columns: get(index) }),
});

/** Fails at a row as many times as are given, and works from then on. */
function failing(words: readonly number[], at: number, times: number): PairSource {
  let failures = 0;
  return sourceOf(words, (index) => {
    if (index === at && failures < times) {
      failures += 1;
      throw new Error("flaky");
    }
    return row(words[index] as number);
  });
}

const lengthOf = async (words: number) => {
  const item = await new MultimodalDataset({ source: sourceOf([words]), processor }).get(0);
  return item.input_ids.data.length;
};
const words = Array<number>(8).fill(6);
/** Two rows fit. */
const maxLength = 2 * (await lengthOf(6)) + 1;

type Options = Omit<DataLoaderOptions, "fields">;
const loaderOf = (source: PairSource, options: Options = {}) =>
  new DataLoader(new MultimodalDataset({ source, processor, chat: { maxLength } }), {
    batchSize: 1,
    onError: "skip",
    sequencePacking: { window: 8 },
    ...options,
  });

/** An epoch, or so many batches of it. */
async function read(loader: ReturnType<typeof loaderOf>, batches = Number.POSITIVE_INFINITY) {
  const sequences: (readonly number[])[] = [];
  const states: LoaderState[] = [];
  for await (const batch of loader) {
    sequences.push(...(batch.sequences ?? []));
    batch.release();
    states.push(JSON.parse(JSON.stringify(loader.state())));
    if (sequences.length >= batches) break;
  }
  return { sequences, states };
}

const sorted = (sequences: readonly (readonly number[])[]) =>
  sequences.flat().toSorted((a, b) => a - b);

test("an error of a row has the place of its sequence, by which it is counted once", async () => {
  const dataset = new MultimodalDataset({ source: failing(words, 3, 1), processor });
  const options = { onError: "skip", sequences: { rows: [2, 2], maxLength } } as const;
  const { errors } = await makeBatch(pipelineOf(dataset as never), [0, 1, 2, 3], options);
  assert.deepEqual(
    errors.map(({ place, error }) => [place, error.index]),
    [[1, 3]],
  );
});

describe("a row that could not be counted", () => {
  test("is counted a second time at once", async () => {
    const { sequences } = await read(loaderOf(failing(words, 3, 1)));
    assert.deepEqual(sequences, (await read(loaderOf(sourceOf(words)))).sequences);
  });

  test("is alone in its sequence, and there where it can be read", async () => {
    const loader = loaderOf(failing(words, 3, 2));
    const { sequences } = await read(loader);
    assert.deepEqual(sorted(sequences), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.ok(sequences.some((own) => own.length === 1 && own[0] === 3));
    assert.equal(loader.errors.count, 0);
  });

  test("is left out alone where it cannot be read, and counted again in the next epoch", async () => {
    const loader = loaderOf(failing(words, 3, 3));
    assert.deepEqual(sorted((await read(loader)).sequences), [0, 1, 2, 4, 5, 6, 7]);
    assert.deepEqual(
      loader.errors.list.map(({ index, code }) => [index, code]),
      [[3, "SAMPLE_FAILED"]],
    );
    const { sequences } = await read(loader);
    assert.deepEqual(
      sequences.map((own) => own.length),
      [2, 2, 2, 2],
    );
  });

  test("is an error of its own with onError throw", async () => {
    const loader = loaderOf(failing(words, 3, 1), { onError: "throw" });
    await assert.rejects(read(loader), { code: "SAMPLE_FAILED", index: 3 });
  });
});

describe("a state between sequences of a window", () => {
  test("is refused by a loader that counts other lengths", async () => {
    const { states } = await read(loaderOf(failing(words, 3, 2)), 1);
    const state = states[0] as LoaderState;
    const other = loaderOf(sourceOf(words));
    other.resume(state);
    await assert.rejects(read(other), { code: "STATE_MISMATCH", message: /other lengths/ });
  });

  test("goes on without its lengths", async () => {
    const { states } = await read(loaderOf(failing(words, 3, 2)), 1);
    const { lengths, ...state } = states[0] as LoaderState;
    assert.equal(typeof lengths, "string");
    const other = loaderOf(sourceOf(words));
    other.resume(state);
    assert.ok((await read(other)).sequences.length > 0);
  });

  test("is another where ranks have counted other lengths, and none at a window's end", async () => {
    const options = { worldSize: 2, sequencePacking: { window: 4 } };
    const flaky = await read(loaderOf(failing(words, 1, 2), { ...options, rank: 0 }));
    const whole = await read(loaderOf(sourceOf(words), { ...options, rank: 1 }));
    assert.equal(whole.states[0]?.position, 4);
    assert.equal(whole.states[0]?.lengths, undefined);
    assert.notEqual(flaky.states[0]?.lengths, whole.states[0]?.lengths);
  });

  test("has lengths that are a string", () => {
    const loader = loaderOf(sourceOf(words));
    const state = { ...loader.state(), lengths: 7 } as unknown as LoaderState;
    assert.throws(() => loader.resume(state), /state\.lengths: expected a string/);
  });
});

describe("a row that has become longer than it was counted", () => {
  /** The last row becomes longer once it has been counted. */
  const growing = () => {
    let reads = 0;
    return sourceOf(words, (index) => {
      if (index === 7) reads += 1;
      return row(index === 7 && reads > 1 ? 12 : 6);
    });
  };

  test("is left out of a sequence that has no room for it", async () => {
    const loader = loaderOf(growing());
    assert.deepEqual(sorted((await read(loader)).sequences), [0, 1, 2, 3, 4, 5, 6]);
    const [error] = loader.errors.list;
    assert.equal(loader.errors.count, 1);
    assert.deepEqual([error?.index, error?.code], [7, "DOES_NOT_FIT"]);
  });

  test("is an error with onError throw", async () => {
    await assert.rejects(read(loaderOf(growing(), { onError: "throw" })), {
      code: "DOES_NOT_FIT",
      index: 7,
      message: /room for \d+ in the sequence/,
    });
  });
});

describe("rows without tokens", () => {
  const silent = { messages: [{ role: "user", content: "" }] };
  const conversations = [row(3), silent, row(2), silent, silent];
  const dataset = new MultimodalDataset({ conversations, processor: bare, chat: { maxLength: 4 } });

  test("are there, as in batches of rows by themselves", async () => {
    const plain = new DataLoader(dataset, { batchSize: 5 });
    for await (const { indices } of plain) assert.deepEqual(indices, [0, 1, 2, 3, 4]);
    const packed = new DataLoader(dataset, { batchSize: 8, sequencePacking: {} });
    const { sequences } = await read(packed as never);
    assert.deepEqual(sorted(sequences), [0, 1, 2, 3, 4]);
    for (const own of sequences) assert.ok(own.length <= 4);
  });

  test("are no parts of flattened sequences", async () => {
    const packed = new DataLoader(dataset, { batchSize: 8, sequencePacking: {} });
    for await (const { cu_seqlens } of packed) {
      const ends = [...(cu_seqlens?.data ?? [])].map(Number);
      assert.equal(new Set(ends).size, ends.length);
    }
  });
});

describe("a state after the last batch is of the next epoch's beginning", () => {
  const five = Array<number>(5).fill(12);
  const cases: [string, readonly number[], Options][] = [
    ["without dropLast", five, { batchSize: 2 }],
    ["with a last batch that is dropped", five, { batchSize: 2, dropLast: true }],
    [
      "with a batch that is dropped windows later",
      five,
      { batchSize: 3, dropLast: true, sequencePacking: { window: 1 } },
    ],
    ["with a last step that is dropped", five, { worldSize: 2, rank: 0, padRanks: false }],
  ];
  for (const [what, given, options] of cases) {
    test(what, async () => {
      const loader = loaderOf(sourceOf(given), options);
      const { states } = await read(loader);
      const last = states.at(-1) as LoaderState;
      assert.deepEqual([last.epoch, last.position, last.lengths], [1, 0, undefined]);
      for (const state of states.slice(0, -1)) assert.equal(state.epoch, 0);
      const resumed = loaderOf(sourceOf(given), options);
      resumed.resume(last);
      assert.ok((await read(resumed)).sequences.length > 0);
    });
  }
});
