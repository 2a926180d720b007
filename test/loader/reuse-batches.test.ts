// reuseBatches: a loop that asks for the next batch gives the memory of the one before back.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DataLoader, type MultimodalDataset } from "pixtok";
import { sha256 } from "../support/fixtures.js";
import { photos, randomIntegers, seed } from "../support/pairs.js";

type Tensors = Record<
  "image" | "input_ids" | "attention_mask",
  { data: Parameters<typeof sha256>[0] }
>;

const digestOf = ({ image, input_ids, attention_mask }: Tensors) =>
  [image, input_ids, attention_mask].map(({ data }) => sha256(data)).join();

const options = { batchSize: 4, shuffle: true, threads: 2 };

async function digestsOf(dataset: MultimodalDataset, reuseBatches: boolean, epochs = 2) {
  const loader = new DataLoader(dataset, { ...options, reuseBatches });
  const digests: string[] = [];
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    for await (const batch of loader) digests.push(digestOf(batch));
  }
  return digests;
}

describe(`batches that are used again (PIXTOK_TEST_SEED=${seed})`, () => {
  test("have the same numbers while they are at hand", async () => {
    const dataset = await photos(22);
    assert.deepEqual(await digestsOf(dataset, true), await digestsOf(dataset, false));
  });

  test("have the same few array buffers all the time, which show later batches", async () => {
    const dataset = await photos(40);
    const loader = new DataLoader(dataset, { ...options, prefetch: 1, reuseBatches: true });
    const buffers = new Set<unknown>();
    const seen: { digest: string; again(): string }[] = [];
    for (let epoch = 0; epoch < 3; epoch += 1) {
      for await (const batch of loader) {
        buffers.add(batch.image.data.buffer);
        const again = () => sha256(batch.image.data);
        seen.push({ digest: again(), again });
      }
    }
    // one in hand, one that is ready, one that is being made; and the last of each epoch
    assert.ok(buffers.size <= 3 + 2, `${buffers.size} array buffers`);
    // batches of the same images are alike
    const shown = new Set(seen.map(({ again }) => again()));
    assert.ok(shown.size <= buffers.size, `${shown.size} images in ${buffers.size} array buffers`);
    assert.ok(new Set(seen.map(({ digest }) => digest)).size > buffers.size);
  });

  for (const [what, most] of [
    ["is left", 2],
    ["comes to its end", 7],
  ] as const) {
    test(`but the last of a loop that ${what}, which is its user's`, async () => {
      const dataset = await photos(24);
      const loader = new DataLoader(dataset, { ...options, reuseBatches: true });
      let last: { digest: string; again(): string } | undefined;
      let count = 0;
      for await (const batch of loader) {
        last = { digest: digestOf(batch), again: () => digestOf(batch) };
        count += 1;
        if (count === most) break;
      }
      assert.equal(count, Math.min(most, 6));
      for await (const _ of loader);
      assert.equal(last?.again(), last?.digest);
    });
  }

  test("are empty once other loaders have their memory", async () => {
    const dataset = await photos(12);
    const stale: (() => number)[] = [];
    for await (const batch of new DataLoader(dataset, { ...options, reuseBatches: true })) {
      stale.push(() => batch.image.data.length);
    }
    // all but the last, which is its user's
    const someAreEmpty = () => stale.slice(0, -1).some((length) => length() === 0);
    // other memory may be idle, too, and is taken first
    const taken: unknown[] = [];
    while (!someAreEmpty() && taken.length < 1000) {
      for await (const batch of new DataLoader(dataset, options)) taken.push(batch);
    }
    assert.ok(someAreEmpty(), `none after ${taken.length} batches`);
  });

  test("go on as they were where a batch is made again in another size", async () => {
    const dataset = await photos(24);
    const indicesOf = async (reuseBatches: boolean) => {
      const loader = new DataLoader(dataset, { ...options, reuseBatches });
      const seen: string[] = [];
      for await (const batch of loader) {
        seen.push(`${batch.indices} ${digestOf(batch)}`);
        if (seen.length === 2) {
          loader.setBatchSize(3);
          loader.retry();
        }
      }
      return seen;
    };
    assert.deepEqual(await indicesOf(true), await indicesOf(false));
  });

  test("may be released or given away before, and again too late, without harm to others", async () => {
    const dataset = await photos(40);
    const expected = await digestsOf(dataset, false, 3);
    const random = randomIntegers(seed);
    const loader = new DataLoader(dataset, { ...options, reuseBatches: true });
    const releases: (() => void)[] = [];
    const given: { digest: string; again(): string }[] = [];
    const digests: string[] = [];
    for (let epoch = 0; epoch < 3; epoch += 1) {
      for await (const batch of loader) {
        // of batches that have gone: their memory is this batch's by now
        for (const release of releases) release();
        digests.push(digestOf(batch));
        if (random(3) === 0) batch.release();
        if (random(3) === 0 && batch.image.data.length > 0) {
          try {
            const { message, transferList } = batch.transfer();
            assert.ok(transferList.every(({ byteLength }) => byteLength > 0));
            const digest = digestOf(message as Tensors);
            given.push({ digest, again: () => digestOf(message as Tensors) });
            assert.equal(digest, digests.at(-1));
            assert.equal(batch.image.data.length, 0);
          } catch (error) {
            assert.match(String(error), /one that was released before/);
          }
        }
        releases.push(() => batch.release());
      }
    }
    assert.deepEqual(digests, expected);
    for (const { digest, again } of given) assert.equal(again(), digest);
  });

  test("cannot be given away when they have gone", async () => {
    const loader = new DataLoader(await photos(12), { ...options, reuseBatches: true });
    const transfers: (() => unknown)[] = [];
    for await (const batch of loader) {
      for (const transfer of transfers) {
        assert.throws(
          transfer,
          /expected a batch that has its memory, got one that was released before/,
        );
      }
      transfers.push(() => batch.transfer());
    }
    assert.equal(transfers.length, 3);
  });

  test("have an option that is true or false", async () => {
    const dataset = await photos(4);
    assert.throws(
      () => new DataLoader(dataset, { reuseBatches: "yes" as never }),
      /reuseBatches: expected true or false, got "yes"/,
    );
  });
});
