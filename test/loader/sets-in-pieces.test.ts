// Sets of sets in a loader: one epoch, whatever the ranks, the sizes of batches and the points that it is gone on from.

import { test } from "node:test";
import {
  concat,
  type DataLoaderOptions,
  filter,
  type MultimodalDataset,
  mix,
  type PairSource,
  split,
} from "pixtok";
import { numberedDataset, numberedPairs, randomIntegers, seed } from "../support/pairs.js";
import { assertSameTurns, epochInPieces } from "../support/pieces-of-epochs.js";

/** Pairs whose keys tell them apart. */
function keyed(length: number): PairSource {
  const pairs = numberedPairs(length);
  return { ...pairs, get: (index) => ({ ...pairs.get(index), key: `pair ${index}` }) };
}

type Random = (below: number) => number;

/** A part of a split, of which some pairs are left out, and the numbers of those that stay. */
async function someOf(random: Random): Promise<PairSource> {
  const shares = { train: 0.7, validation: 0.3 };
  const { train } = await split(keyed(30 + random(40)), shares, { seed: random(100) });
  const rest = random(5);
  return filter(train as PairSource, (_, index) => index % 5 !== rest);
}

const ways: Record<string, (random: Random) => Promise<[PairSource, DataLoaderOptions]>> = {
  "a filtered part of a split": async (random) => [
    await someOf(random),
    { shuffle: true, seed: random(1000) },
  ],
  "several sets behind one another": async (random) => [
    concat([await someOf(random), await someOf(random)]),
    { shuffle: random(2) === 0, seed: random(1000) },
  ],
  "a mix": async (random) => {
    const sets = [await someOf(random), await someOf(random), await someOf(random)];
    const weights = sets.map(() => 1 + random(9));
    const { source, sampler } = mix(sets, { weights, seed: random(1000), length: 40 + random(80) });
    return [source, { sampler }];
  },
};

for (const [name, make] of Object.entries(ways)) {
  test(`an epoch of ${name} in pieces, of any number of ranks, is the epoch in one (seed ${seed})`, async () => {
    const random = randomIntegers(seed);
    for (let round = 0; round < 4; round += 1) {
      const [source, options] = await make(random);
      const dataset: MultimodalDataset = await numberedDataset(source.length, { source });
      const how = { epoch: random(3), random, mostRanks: 5 };
      assertSameTurns(await epochInPieces(dataset, options, how));
    }
  });
}
