// Starts more work than can be done in a moment and then ends in the way that its arguments say. Plain
// JavaScript, so that worker threads can run it.

import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { DataLoader, MultimodalDataset, Tokenizer } from "pixtok";

const ending = isMainThread ? process.argv[2] : workerData.ending;
const fixture = (path) => fileURLToPath(new URL(`../data/${path}`, import.meta.url));

const imagePaths = Array.from({ length: 2000 }, (_, index) =>
  fixture(`images/${index % 3 === 0 ? "png-rgb.png" : "jpeg-500x375.jpg"}`),
);
const texts = imagePaths.map((_, index) => `image ${index}`);
const tokenizer = await Tokenizer.fromPretrained(fixture("wordpiece"));
const dataset = new MultimodalDataset({ imagePaths, texts, tokenizer });
const loader = new DataLoader(dataset, { batchSize: 64, prefetch: 8 });
await loader[Symbol.asyncIterator]().next();
parentPort?.postMessage("working");

switch (ending) {
  case "exit":
    process.exit(0);
    break;
  case "throw":
    throw new Error("thrown with work in flight");
  case "fall off the end":
    break; // batches that nobody waits for must not keep the process alive for long
  case "wait to be terminated":
    setInterval(() => {}, 1000);
    break;
}
