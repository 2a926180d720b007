// Leaves loops over a source that never gives all of its pairs, and ends by itself.

import { DataLoader, MultimodalDataset } from "pixtok";
import { numberedPairs, smallTokenizer, tinyImage } from "./pairs.ts";

const pairs = numberedPairs(40);
const source = {
  length: 40,
  get: (index) => (index < 4 ? pairs.get(index) : new Promise(() => {})),
};
const dataset = new MultimodalDataset({
  source,
  tokenizer: await smallTokenizer(),
  image: tinyImage,
});
for await (const _ of new DataLoader(dataset, { batchSize: 2 })) break;
const signal = AbortSignal.timeout(50);
const alive = setTimeout(() => {}, 10_000);
try {
  for await (const _ of new DataLoader(dataset, { batchSize: 2, signal }));
} catch (error) {
  if (error.name !== "TimeoutError") throw error;
}
clearTimeout(alive);
console.log("ended");
