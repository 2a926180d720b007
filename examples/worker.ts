/**
 * Batches prepared here and used in a worker thread, without a copy of their memory:
 *
 *   npx tsx examples/worker.ts
 */
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { DataLoader, MultimodalDataset, Tokenizer } from "pixtok";

const fixture = (path: string) => fileURLToPath(new URL(`../test/data/${path}`, import.meta.url));

const imagePaths = Array.from({ length: 64 }, () => fixture("images/jpeg-500x375.jpg"));
const dataset = new MultimodalDataset({
  imagePaths,
  texts: imagePaths.map((_, index) => `image ${index}`),
  tokenizer: await Tokenizer.fromPretrained(fixture("wordpiece")),
});

// A trainer of one line: the mean of a batch's pixels.
const trainer = new Worker(
  `const { parentPort } = require("node:worker_threads");
   parentPort.on("message", ({ image, indices }) => {
     parentPort.postMessage({ rows: indices.length, mean: image.data.reduce((a, b) => a + b) / image.data.length });
   });`,
  { eval: true },
);

for await (const batch of new DataLoader(dataset, { batchSize: 16 })) {
  const { message, transferList } = batch.transfer();
  trainer.postMessage(message, transferList);
  const [{ rows, mean }] = await once(trainer, "message");
  console.log(`${rows} rows, mean ${mean.toFixed(4)}`);
}
await trainer.terminate();
