// Opens a set of very many files, and reads random rows of it and of a small set, in turns. Prints how long opening took and what
// memory it took, and what a row took of each in each round: of the clock, and of the processors.

import { DataLoader, MultimodalDataset } from "pixtok";

const [large, small] = process.argv.slice(2);
const [rounds, batches, batchSize] = [5, 20, 64];

const others = await MultimodalDataset.from(small); // and all that is loaded for it

const before = process.memoryUsage.rss();
const [start, used] = [performance.now(), process.cpuUsage()];
const dataset = await MultimodalDataset.from(large);
const openMs = performance.now() - start;
const openCpuMs = cpuMs(used);
const openBytes = process.memoryUsage.rss() - before;

function cpuMs(since) {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

/** Microseconds a row, of some batches in an order of its own. */
async function timesOf(set, seed) {
  const loader = new DataLoader(set, { batchSize, shuffle: true, seed });
  let left = batches;
  let [from, cpu] = [performance.now(), process.cpuUsage()];
  for await (const batch of loader) {
    batch.release();
    if (left === batches) [from, cpu] = [performance.now(), process.cpuUsage()];
    left -= 1;
    if (left === 0) break;
  }
  const rows = (batches - 1) * batchSize;
  return [performance.now() - from, cpuMs(cpu)].map((ms) => Math.round((10_000 * ms) / rows) / 10);
}

const times = [];
// the same rows in each round: the first brings them into the system's cache, which is none of what is compared
await timesOf(others, 1);
await timesOf(dataset, 1);
for (let round = 1; round <= rounds; round += 1) {
  times.push([await timesOf(dataset, 1), await timesOf(others, 1)]);
}
console.log(JSON.stringify({ rows: dataset.length, openMs, openCpuMs, openBytes, times }));
