// Rows of conversations joined to sequences.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type ChatRowOptions,
  DataLoader,
  type DataLoaderOptions,
  type ImageInput,
  type LoaderState,
  MultimodalDataset,
  stream,
  type Tensor,
} from "pixtok";
import { chatProcessor } from "../support/chat-processor.js";
import { drawnImage } from "../support/drawn-image.js";
import { seed as testSeed } from "../support/pairs.js";
import { fc } from "../support/properties.js";

const processor = await chatProcessor();
const images = [drawnImage(60, 60), drawnImage(100, 60), drawnImage(56, 112)];

/** Rows with so many words and images. */
const rowsOf = (shapes: readonly (readonly [words: number, images: number])[]) =>
  shapes.map(([words, count], row) => {
    const text = { type: "text", text: Array(words).fill("word").join(" ") };
    const parts = Array.from({ length: count }, () => ({ type: "image" }));
    return {
      messages: [
        { role: "user", content: [...parts, text] },
        { role: "assistant", content: `answer ${row}` },
      ],
      images: Array.from({ length: count }, (_, at) => images[(row + at) % images.length]),
    };
  });

const maxLength = 128;
const padId = processor.tokenizer.tokenToId("<pad>") as number;
const datasetOf = (shapes: readonly (readonly [number, number])[]) =>
  new MultimodalDataset({
    conversations: rowsOf(shapes),
    processor,
    chat: { maxLength, padding: "max_length" },
  });

const shape = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 2 }));
const shapes = fc.array(shape, { minLength: 1, maxLength: 14 });

type Dataset = ReturnType<typeof datasetOf>;
type Options = Pick<DataLoaderOptions, "batchSize" | "rank" | "worldSize" | "padRanks"> & {
  readonly sequencePacking: { readonly window: number };
};

const loaderOf = (dataset: Dataset, options: Options) =>
  new DataLoader(dataset, { shuffle: true, seed: testSeed, ...options });

/** Sequences of a loader from where it stands, until it has given so many batches; and where it stands then. */
async function read(loader: ReturnType<typeof loaderOf>, batches = Number.POSITIVE_INFINITY) {
  const sequences: (readonly number[])[] = [];
  let count = 0;
  if (batches > 0) {
    for await (const batch of loader) {
      sequences.push(...(batch.sequences ?? []));
      batch.release();
      count += 1;
      if (count === batches) break;
    }
  }
  return { sequences, state: JSON.parse(JSON.stringify(loader.state())) as LoaderState };
}

const sorted = (indices: readonly number[]) => indices.toSorted((a, b) => a - b);

const numbers = (tensor: Tensor | undefined): number[] => Array.from(tensor?.data ?? [], Number);

/** A row by itself. */
interface Row {
  readonly ids: readonly number[];
  readonly labels: number[];
}

function unpadded(item: { input_ids: Tensor; attention_mask: Tensor; labels?: Tensor }): Row {
  const length = numbers(item.attention_mask).reduce((sum, one) => sum + one, 0);
  return {
    ids: numbers(item.input_ids).slice(0, length),
    labels: numbers(item.labels).slice(0, length),
  };
}

describe(`rows joined to sequences (seed ${testSeed})`, () => {
  test("are whole, each in one of at most maxLength, with their places and segments", async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.integer({ min: 1, max: 6 }), async (given, window) => {
        const dataset = datasetOf(given);
        const seen: number[] = [];
        for await (const batch of loaderOf(dataset, {
          batchSize: 2,
          sequencePacking: { window },
        })) {
          const { sequences = [], attention_mask } = batch;
          assert.deepEqual(sequences.flat(), batch.indices);
          assert.deepEqual(batch.input_ids.dims, [sequences.length, maxLength]);
          const expected = await Promise.all(
            sequences.map(async (indices) => {
              const items = await Promise.all(indices.map((index) => dataset.get(index)));
              return items.map(unpadded);
            }),
          );
          const padded = (values: readonly number[], pad: number) => {
            assert.ok(values.length <= maxLength);
            return [...values, ...Array(maxLength - values.length).fill(pad)];
          };
          const joined = (of: (row: Row, place: number) => readonly number[], pad: number) =>
            expected.flatMap((rows) => padded(rows.flatMap(of), pad));
          assert.deepEqual(
            numbers(batch.input_ids),
            joined(({ ids }) => ids, padId),
          );
          assert.deepEqual(
            numbers(attention_mask),
            joined(({ ids }) => ids.map(() => 1), 0),
          );
          assert.deepEqual(
            numbers(batch.position_ids),
            joined(({ ids }) => [...ids.keys()], 0),
          );
          assert.deepEqual(
            numbers(batch.segment_ids),
            joined(({ ids }, place) => ids.map(() => place + 1), 0),
          );
          assert.deepEqual(
            numbers(batch.labels),
            joined(({ labels }) => labels.with(0, -100), -100),
          );
          const all = attention_mask.data.length;
          const tokens = numbers(attention_mask).reduce((sum, one) => sum + one, 0);
          assert.equal(batch.paddingShare, 1 - tokens / all);
          seen.push(...batch.indices);
        }
        assert.deepEqual(sorted(seen), [...given.keys()]);
      }),
      { numRuns: 8 },
    );
  });

  test("are the same from wherever a loader goes on, and each rank has others", async () => {
    const cases = fc.record({
      given: shapes,
      windows: fc.integer({ min: 1, max: 3 }),
      worldSize: fc.integer({ min: 1, max: 3 }),
      batchSize: fc.integer({ min: 1, max: 2 }),
      padRanks: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ given, windows, ...others }) => {
        const dataset = datasetOf(given);
        const { worldSize, batchSize, padRanks } = others;
        const window = windows * worldSize;
        const ranks: (readonly number[])[][] = [];
        const states: string[][] = [];
        for (let rank = 0; rank < worldSize; rank += 1) {
          const options = { ...others, rank, sequencePacking: { window } };
          const whole = await read(loaderOf(dataset, options));
          ranks.push(whole.sequences);
          const batches = Math.ceil(whole.sequences.length / batchSize);
          states.push([]);
          for (let taken = 0; taken < batches; taken += 1) {
            const begun = await read(loaderOf(dataset, options), taken);
            const resumed = loaderOf(dataset, options);
            resumed.resume(begun.state);
            const rest = await read(resumed);
            assert.deepEqual([...begun.sequences, ...rest.sequences], whole.sequences);
            states.at(-1)?.push(JSON.stringify(begun.state));
          }
        }
        for (const rank of ranks) assert.equal(rank.length, ranks[0]?.length);
        for (const own of states) assert.deepEqual(own, states[0]);
        const seen = sorted(ranks.flat(2));
        if (padRanks) assert.deepEqual([...new Set(seen)], [...given.keys()]);
        else assert.equal(new Set(seen).size, seen.length);
        // all are there, once, but for some in the last window
        const whole = given.length - (given.length % window);
        const more = Math.abs(seen.length - given.length);
        assert.ok(more < worldSize && (more === 0 || whole < given.length));
      }),
      { numRuns: 4 },
    );
  });

  test("come again to ranks that have too few, also from wherever a loader goes on", async () => {
    for (const rows of [3, 5]) {
      // no two of them fit into a sequence
      const dataset = datasetOf(Array.from({ length: rows }, () => [80, 0]));
      const options = { batchSize: 1, worldSize: 2, rank: 1, sequencePacking: { window: 6 } };
      const { sequences: whole } = await read(loaderOf(dataset, options));
      const first = await read(loaderOf(dataset, { ...options, rank: 0 }), 1);
      assert.deepEqual(whole.at(-1), first.sequences[0]);
      for (let taken = 1; taken < whole.length; taken += 1) {
        const { state } = await read(loaderOf(dataset, options), taken);
        const resumed = loaderOf(dataset, options);
        resumed.resume(state);
        assert.deepEqual((await read(resumed)).sequences, whole.slice(taken));
      }
    }
  });

  test("are all taken, once each, where another number of ranks goes on", async () => {
    const given = Array.from({ length: 14 }, (_, row) => [1 + row, row % 2] as const);
    const dataset = datasetOf(given);
    const sequencePacking = { window: 6 };
    for (let taken = 1; taken < 4; taken += 1) {
      const seen: number[] = [];
      let state: LoaderState | undefined;
      for (const rank of [0, 1]) {
        const begun = { batchSize: 1, worldSize: 2, rank, sequencePacking };
        const piece = await read(loaderOf(dataset, begun), taken);
        seen.push(...piece.sequences.flat());
        state = piece.state;
      }
      const one = loaderOf(dataset, { batchSize: 1, sequencePacking });
      one.resume(state as LoaderState);
      if (one.epoch === 0) seen.push(...(await read(one)).sequences.flat());
      assert.deepEqual(sorted(seen), [...given.keys()]);
    }
  });

  test("are others in another epoch, and the same again in the same one", async () => {
    const dataset = datasetOf(Array.from({ length: 12 }, (_, row) => [1 + (row % 5), 0]));
    const loader = loaderOf(dataset, { batchSize: 1, sequencePacking: { window: 12 } });
    const [first, second] = [await read(loader), await read(loader)];
    assert.notDeepEqual(first.sequences, second.sequences);
    loader.setEpoch(0);
    assert.deepEqual((await read(loader)).sequences, first.sequences);
  });

  test("go on in batches of another size, and come again with retry()", async () => {
    const dataset = datasetOf(Array.from({ length: 12 }, (_, row) => [8 + row, row % 3]));
    const options = { batchSize: 1, sequencePacking: { window: 4 } };
    const { sequences: whole } = await read(loaderOf(dataset, options));
    const loader = loaderOf(dataset, options);
    const seen: (readonly number[])[] = [];
    let count = 0;
    for await (const batch of loader) {
      count += 1;
      if (count === 2) {
        loader.setBatchSize(2);
        loader.retry();
        continue;
      }
      seen.push(...(batch.sequences ?? []));
    }
    assert.deepEqual(seen, whole);
  });
});

describe("a sequence", () => {
  test("has less padding than rows by themselves, as stats() says", async () => {
    const dataset = datasetOf(Array.from({ length: 16 }, (_, row) => [1 + row, 0]));
    const packed = loaderOf(dataset, { batchSize: 2, sequencePacking: { window: 16 } });
    await read(packed);
    const plain = new DataLoader(dataset, { batchSize: 2 });
    for await (const batch of plain) batch.release();
    assert.ok(packed.stats().paddingShare < 0.1, `${packed.stats().paddingShare}`);
    assert.ok(plain.stats().paddingShare > 0.5, `${plain.stats().paddingShare}`);
    assert.equal(packed.stats().pairs, 16);
    assert.equal(packed.length, Number.POSITIVE_INFINITY);
  });

  test("is without the rows that are bad, with onError skip", async () => {
    const rows = rowsOf(Array.from({ length: 6 }, () => [4, 1]));
    const conversations = rows.map((row, at) => (at === 2 ? { ...row, images: [] } : row));
    const dataset = new MultimodalDataset({ conversations, processor, chat: { maxLength } });
    const options = { batchSize: 2, sequencePacking: { window: 6 } };
    const loader = new DataLoader(dataset, { ...options, onError: "skip" });
    const { sequences } = await read(loader);
    assert.deepEqual(sorted(sequences.flat()), [0, 1, 3, 4, 5]);
    assert.deepEqual(
      loader.errors.list.map(({ index, code }) => [index, code]),
      [[2, "IMAGES_MISMATCH"]],
    );
    await assert.rejects(read(new DataLoader(dataset, options)), {
      code: "IMAGES_MISMATCH",
      index: 2,
    });
  });

  test("that is not in a full batch is left out with dropLast", async () => {
    const dataset = datasetOf(Array.from({ length: 5 }, () => [40, 0]));
    const options = { batchSize: 2, sequencePacking: { window: 5 } };
    const { sequences } = await read(new DataLoader(dataset, options));
    assert.equal(sequences.length % 2, 1);
    const dropped = await read(new DataLoader(dataset, { ...options, dropLast: true }));
    assert.deepEqual(dropped.sequences, sequences.slice(0, -1));
  });

  test("is known to be the last with dropLast where too few for another follow in their windows", async () => {
    const dataset = datasetOf(Array.from({ length: 5 }, () => [40, 0]));
    const options = { batchSize: 3, dropLast: true, prefetch: 0, sequencePacking: { window: 1 } };
    const loader = new DataLoader(dataset, options);
    for await (const batch of loader) {
      assert.equal(batch.sequences?.length, 3);
      const { epoch, position } = loader.state();
      assert.deepEqual([epoch, position], [1, 0]);
    }
  });
});

describe("what does not go together with sequences is named:", () => {
  const conversations = rowsOf([[1, 0]]);
  const dataset = datasetOf([[1, 0]]);
  const packing = { sequencePacking: {} };
  const other = (chat: ChatRowOptions) => new MultimodalDataset({ conversations, processor, chat });
  const wrong: [string, () => unknown, RegExp][] = [
    [
      "replacements",
      () => new DataLoader(dataset, { ...packing, onError: "replace" }),
      /^onError: /,
    ],
    [
      "buckets",
      () => new DataLoader(dataset, { ...packing, lengthBuckets: { window: 4, size: 2 } }),
      /^lengthBuckets: /,
    ],
    ["no length", () => new DataLoader(other({}), packing), /chat\.maxLength/],
    [
      "preferences",
      () => new DataLoader(other({ rows: "preferences", maxLength }), packing),
      /preferences/,
    ],
    [
      "a shorter length",
      () => new DataLoader(dataset, { sequencePacking: { maxLength: 64 } }),
      /sequencePacking\.maxLength: expected at least chat\.maxLength \(128\)/,
    ],
    [
      "a length that is padded to another one",
      () =>
        new DataLoader(other({ maxLength, padToMultipleOf: 64 }), {
          sequencePacking: { maxLength: 130 },
        }),
      /sequencePacking\.maxLength: expected a multiple of chat\.padToMultipleOf \(64\), got 130/,
    ],
    [
      "a stream",
      () =>
        new DataLoader(
          new MultimodalDataset({
            source: stream(conversations.map((columns) => ({ image: [], text: "", columns }))),
            processor,
            chat: { maxLength },
          }),
          packing,
        ),
      /sequencePacking: expected none with a stream/,
    ],
    [
      "a window that ranks cannot share",
      () => new DataLoader(dataset, { sequencePacking: { window: 4 }, rank: 0, worldSize: 3 }),
      /sequencePacking\.window: expected a multiple of worldSize/,
    ],
    [
      "pairs",
      () =>
        new DataLoader(
          new MultimodalDataset({ imagePaths: [images[0] as ImageInput], text: null }),
          packing,
        ),
      /a dataset that has a processor/,
    ],
  ];
  for (const [what, make, message] of wrong) {
    test(what, () => {
      assert.throws(make, (error: Error) => {
        assert.ok(error instanceof TypeError || error instanceof RangeError);
        assert.match(error.message, message);
        return true;
      });
    });
  }
});

test("a state is of sequences of one window and one length", () => {
  const dataset = datasetOf([[1, 0]]);
  const make = (sequencePacking: object) => new DataLoader(dataset, { sequencePacking });
  const state = make({ window: 4 }).state();
  make({ window: 4, maxLength }).resume(state);
  for (const other of [{ window: 2 }, { window: 4, maxLength: maxLength + 1 }]) {
    assert.throws(() => make(other).resume(state), { code: "STATE_MISMATCH", message: /order is/ });
  }
});

describe("sequences that one rank has begun", () => {
  const given = Array.from({ length: 14 }, (_, row) => [1 + row, row % 2] as const);
  const shared = { batchSize: 1, sequencePacking: { window: 6 } };

  test("are gone on with by two, and then by one again, from the row on where they came", async () => {
    const dataset = datasetOf(given);
    for (let taken = 1; taken < 6; taken += 1) {
      const first = await read(loaderOf(dataset, shared), taken);
      for (const steps of [1, 100]) {
        const seen = [...first.sequences];
        let { state } = first;
        for (const rank of [0, 1]) {
          const loader = loaderOf(dataset, { ...shared, worldSize: 2, rank });
          loader.resume(first.state as LoaderState);
          if (loader.epoch !== 0) continue;
          const own = await read(loader, steps);
          seen.push(...own.sequences);
          state = own.state;
        }
        const last = loaderOf(dataset, shared);
        last.resume(state as LoaderState);
        if (last.epoch === 0) seen.push(...(await read(last)).sequences);
        const rows = seen.flat();
        const how = `${taken} taken, ${steps} steps`;
        assert.deepEqual(sorted([...new Set(rows)]), [...given.keys()], how);
        // a row that is alone in the last window goes to both ranks: padRanks
        assert.ok(rows.length <= given.length + 1, how);
      }
    }
  });
});
