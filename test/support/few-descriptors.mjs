// Opens a dataset, takes all file descriptors that are left, and goes through the dataset as its arguments say.

import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { checkDataset, computeStats, DataLoader, MultimodalDataset, packDataset } from "pixtok";
import { fixture } from "./fixtures.ts";
import { smallTokenizer, tinyImage } from "./pairs.ts";

const [walk, folder] = process.argv.slice(2);
const names = ["jpeg-420.jpg", "png-rgb.png", "webp-lossy.webp", "gif-palette.gif"];
const imagePaths = Array.from({ length: 24 }, (_, i) => fixture(`images/${names[i % 3]}`));
const dataset = new MultimodalDataset({
  imagePaths,
  texts: imagePaths.map((_, i) => `image ${i}`),
  tokenizer: await smallTokenizer(),
  image: tinyImage,
});
// whatever is loaded when it is first used is loaded
for await (const _ of new DataLoader(dataset, { batchSize: 8 }));
await computeStats(dataset, { samples: 3 });

const walks = {
  stats: () => computeStats(dataset),
  check: () => checkDataset(dataset),
  pack: () =>
    packDataset(dataset, join(folder, "few-descriptors"), { onError: "skip", retries: 1 }),
};
async function epoch() {
  const loader = new DataLoader(dataset, { batchSize: 4, onError: walk });
  let rows = 0;
  for await (const { indices } of loader) rows += indices.length;
  return rows;
}

if (walk === "pack") {
  // once, so that its code is there; the second time into another folder
  await packDataset(dataset, join(folder, "before"));
}
const held = [];
try {
  for (;;) held.push(openSync("/dev/null"));
} catch {
  // enough for the folder to be looked at, and for files to be written, but not to be read as well
  const left = walk === "pack" ? 3 : 0;
  for (let i = 0; i < left; i += 1) closeSync(held.pop());
}
try {
  console.dir(await (walks[walk] ?? epoch)(), { depth: 4 });
} catch (error) {
  console.log(error.code, error.message);
}
