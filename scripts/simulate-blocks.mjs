// Prints the tables of docs/decisions/order-by-blocks.md: what ranks fetch, and how well rows are mixed.
//
//   npm run build:ts && node scripts/simulate-blocks.mjs

import { blockSampler } from "../dist/order/block-sampler.js";
import { lanesOfGroups } from "../dist/order/lanes-of-groups.js";
import { blocksOfBatch, mixingOf } from "../dist/order/mixing.js";
import { unitFraction } from "../dist/order/permutation.js";
import { shuffledSampler } from "../dist/order/sampler.js";

const BLOCKS = 1e5;
const ROWS_OF_BLOCK = 1e4;
const RANKS_OF_MACHINE = 8;
const mean = (numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
const largest = (numbers) => numbers.reduce((most, one) => Math.max(most, one), 0);
const row = (...cells) => console.log(`| ${cells.join(" | ")} |`);

const samplerWith = (window) =>
  blockSampler(new Float64Array(BLOCKS).fill(ROWS_OF_BLOCK), { window, seed: 1 });

function printFetched(window) {
  const { lanes } = samplerWith(window);
  for (const ranks of [1, 8, 64, 1024, 3, 24, 100, 1000]) {
    const times = (groups) => {
      // where two lanes meet, a block is in both
      const pieces = (1 + (lanes - 1) / BLOCKS) / lanes;
      return (groups.reduce((sum, { size }) => sum + size, 0) * pieces).toFixed(2);
    };
    const alone = lanesOfGroups(ranks, 1, lanes);
    const machines = lanesOfGroups(ranks, RANKS_OF_MACHINE, lanes);
    const held = largest(machines.map(({ size }) => size)) * Math.floor(window / lanes);
    row(window, lanes, ranks, times(machines), times(alone), held);
  }
}

/** What the webdataset library gives one reader: blocks in random order, rows through a buffer. */
function bufferedBlocks(size, count) {
  const buffer = [];
  const shown = [];
  for (let i = 0; shown.length < count; i += 1) {
    const block = Math.floor(unitFraction(2, Math.floor(i / ROWS_OF_BLOCK)) * BLOCKS);
    if (buffer.length < size) {
      buffer.push(block);
      continue;
    }
    const place = Math.floor(unitFraction(3, i) * size);
    shown.push(buffer[place]);
    buffer[place] = block;
  }
  return shown;
}

const BATCHES = 200;

function printMixed(name, batchOf) {
  const batches = Array.from({ length: BATCHES }, (_, i) => batchOf(i));
  const { blocks, spread } = mixingOf(batches, { blocks: BLOCKS, rowsOfBlock: ROWS_OF_BLOCK });
  row(name, blocks.toFixed(1), spread.toFixed(2));
}

const batchOf = (sampler, ranks, batchSize) => (number) =>
  blocksOfBatch(sampler, number, { ranks, batchSize, rowsOfBlock: ROWS_OF_BLOCK });

/** Of a smaller set, whole: correlation of index and position, and how far neighbours come apart. */
function printOrder(name, make) {
  const EPOCHS = 20;
  const correlations = [];
  const distances = [];
  for (let epoch = 0; epoch < EPOCHS; epoch += 1) {
    const sampler = make(epoch);
    const { length } = sampler;
    const positions = new Float64Array(length);
    for (let position = 0; position < length; position += 1) {
      positions[sampler.indexAt(position, epoch)] = position;
    }
    const middle = (length - 1) / 2;
    let products = 0;
    let squares = 0;
    for (let index = 0; index < length; index += 1) {
      products += (index - middle) * (positions[index] - middle);
      squares += (index - middle) ** 2;
      if (index > 0) distances.push(Math.abs(positions[index] - positions[index - 1]));
    }
    correlations.push(Math.abs(products / squares));
  }
  const median = Float64Array.from(distances).sort()[distances.length >> 1];
  row(name, mean(correlations).toFixed(3), Math.round(median));
}

console.log(`${BLOCKS * ROWS_OF_BLOCK} pairs in ${BLOCKS} blocks\n`);
row(
  "window",
  "lanes",
  "ranks",
  "fetched, times the set",
  "with a cache for each rank",
  "blocks held by a machine",
);
row("---:", "---:", "---:", "---:", "---:", "---:");
for (const window of [32, 256, 4096]) printFetched(window);

console.log("");
row("order", "blocks in a batch", "spread of a batch's mean");
row("---", "---:", "---:");
printMixed(
  "batch of 1024, full shuffle",
  batchOf(shuffledSampler(BLOCKS * ROWS_OF_BLOCK), 1, 1024),
);
for (const window of [8, 32, 256, 4096]) {
  printMixed(`batch of 1024, window ${window}`, batchOf(samplerWith(window), 1, 1024));
}
for (const size of [1000, 10_000, 50_000]) {
  const shown = bufferedBlocks(size, (BATCHES + 200) * 1024);
  const batch = (i) => shown.slice((i + 200) * 1024, (i + 201) * 1024);
  printMixed(`batch of 1024, one reader with a buffer of ${size}`, batch);
}
for (const ranks of [8, 64]) {
  printMixed(
    `batch of 128 of one of ${ranks} ranks, window 32`,
    batchOf(samplerWith(32), ranks, 128),
  );
}

console.log("\n100000 pairs in 1000 blocks\n");
row("order", "correlation of index and position", "median distance of neighbours");
row("---", "---:", "---:");
printOrder("full shuffle", (seed) => shuffledSampler(1e5, seed));
for (const window of [8, 32, 256]) {
  printOrder(`window ${window}`, (seed) =>
    blockSampler(new Array(1000).fill(100), { window, seed }),
  );
}
