// Trains on 200 pairs for one epoch and notes after each batch what it has seen and where the loader
// stands; started again, it goes on from there.

import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DataLoader } from "pixtok";
import { numberedDataset } from "./pairs.ts";

const file = join(process.argv[2], "state.json");
const loader = new DataLoader(await numberedDataset(200), { shuffle: true, seed: 3, batchSize: 7 });
let seen = [];
if (existsSync(file)) {
  const saved = JSON.parse(readFileSync(file, "utf8"));
  seen = saved.seen;
  loader.resume(saved.state);
}
for await (const batch of loader) {
  seen.push(...batch.indices);
  batch.release();
  writeFileSync(`${file}.new`, JSON.stringify({ seen, state: loader.state() }));
  renameSync(`${file}.new`, file);
  console.log("batch");
  await sleep(5);
}
