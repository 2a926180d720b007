import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DataLoader,
  type DataLoaderOptions,
  type LoaderState,
  type OnError,
  shuffledSampler,
} from "pixtok";
import { assertAligned } from "../support/alignment.js";
import { numberedDataset, randomIntegers, seed } from "../support/pairs.js";
import { randomBad, spoiledPairs } from "../support/spoiled-pairs.js";

type Random = (limit: number) => number;

/** What is done with each batch of a piece: the same on every rank. */
interface Step {
  /** Size of the batches after it. */
  batchSize: number;
  /** Whether it is given back once, and its pairs are taken when they come again. */
  retried: boolean;
}

function randomSteps(random: Random): Step[] {
  return Array.from({ length: 1 + random(4) }, () => ({
    batchSize: 1 + random(9),
    retried: random(4) === 0,
  }));
}

/** The indices that one rank trains on while it takes the steps, or until its epoch ends. */
async function walk(loader: DataLoader, steps: readonly Step[]): Promise<number[]> {
  const trained: number[] = [];
  let step = 0;
  for await (const batch of loader) {
    await assertAligned(batch);
    const { batchSize, retried } = steps[step] as Step;
    step += 1;
    loader.setBatchSize(batchSize);
    if (retried) loader.retry();
    else trained.push(...batch.indices);
    batch.release();
    if (step === steps.length) break;
  }
  return trained;
}

/** Ranks take turns, so position i of each comes before position i + 1 of any. */
function interleave(ranks: readonly (readonly number[])[]): number[] {
  const [first = []] = ranks;
  for (const rank of ranks) assert.equal(rank.length, first.length);
  return first.flatMap((_, i) => ranks.map((rank) => rank[i] as number));
}

async function inOne(loader: DataLoader): Promise<number[]> {
  const indices: number[] = [];
  for await (const batch of loader) indices.push(...batch.indices);
  return indices;
}

const byNumber = (a: number, b: number) => a - b;

for (const onError of ["throw", "skip", "replace"] as const satisfies OnError[]) {
  test(`an epoch in pieces is the epoch in one, with onError "${onError}" (seed ${seed})`, async () => {
    const random = randomIntegers(seed);
    for (let round = 0; round < 6; round += 1) {
      const length = 1 + random(90);
      const bad = onError === "throw" ? new Set<number>() : randomBad(random, length);
      const dataset = await numberedDataset(length, { source: spoiledPairs(length, bad) });
      const options: DataLoaderOptions = { shuffle: true, seed: random(1000), onError };
      const bucketed = random(3) === 0;
      if (bucketed) options.lengthBuckets = { window: 1 + random(length), size: 1 };
      const epoch = random(3);

      const reference = new DataLoader(dataset, options);
      reference.setEpoch(epoch);
      const whole = await inOne(reference);
      const sampler = shuffledSampler(length, options.seed);
      const order = Array.from({ length }, (_, position) => sampler.indexAt(position, epoch));
      if (bucketed) assert.equal(whole.length, length - (onError === "skip" ? bad.size : 0));
      else if (onError !== "replace") {
        assert.deepEqual(
          whole,
          order.filter((index) => !bad.has(index)),
        );
      } else {
        assert.equal(whole.length, length);
        for (const [position, index] of whole.entries()) {
          if (!bad.has(order[position] as number)) assert.equal(index, order[position]);
          assert.ok(!bad.has(index));
        }
      }
      if (onError !== "replace") {
        const good = [...Array(length).keys()].filter((index) => !bad.has(index));
        assert.deepEqual([...whole].sort(byNumber), good);
      }

      const trained: number[] = [];
      let state: LoaderState = { ...reference.state(), epoch, position: 0 };
      while (state.epoch === epoch) {
        // ranks that skip do not keep step
        const worldSize = onError === "skip" ? 1 : 1 + random(4);
        const steps = randomSteps(random);
        const batchSize = 1 + random(9);
        const ranks: number[][] = [];
        const states: LoaderState[] = [];
        for (let rank = 0; rank < worldSize; rank += 1) {
          const loader = new DataLoader(dataset, {
            ...options,
            batchSize,
            rank,
            worldSize,
            prefetch: random(4),
            threads: 1 + random(3),
          });
          loader.resume(JSON.parse(JSON.stringify(state)) as LoaderState);
          ranks.push(await walk(loader, steps));
          states.push(loader.state());
        }
        for (const each of states) assert.deepEqual(each, states[0]);
        trained.push(...interleave(ranks));
        state = states[0] as LoaderState;
      }
      // padded at the end from the start of the order, where ranks cannot share it evenly
      assert.ok(trained.length >= whole.length);
      if (onError === "skip") assert.equal(trained.length, whole.length);
      assert.deepEqual(
        trained,
        trained.map((_, position) => whole[position % whole.length]),
      );
    }
  });
}
