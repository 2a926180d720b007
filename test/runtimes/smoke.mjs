// What every runtime must survive and agree on: one image, epochs that are released and that are
// not, batches from and to worker threads, a packed set. Prints one line of digests.
//
//   node smoke.mjs
//
// Plain JavaScript, since it runs in Node, Bun and Deno as they are. PIXTOK_SMOKE_PACKAGE is the package
// to test, by default the checkout's.

import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

const pixtok = await import(process.env.PIXTOK_SMOKE_PACKAGE ?? "../../dist/index.js");
const { DataLoader, ImageProcessor, MultimodalDataset, packDataset, Tokenizer } = pixtok;

const fixture = (path) => fileURLToPath(new URL(`../data/${path}`, import.meta.url));
const names = ["jpeg-500x375.jpg", "jpeg-420.jpg", "png-rgb.png", "webp-lossy.webp"];
const imagePaths = Array.from({ length: 120 }, (_, i) => fixture(`images/${names[i % 4]}`));
const texts = imagePaths.map((_, i) => `image number ${i}`);

const tensorsOf = ({ image, input_ids, attention_mask }) => [image, input_ids, attention_mask];

function digestOf(tensors) {
  const hash = createHash("sha256");
  for (const { type, dims, data } of tensors) {
    hash.update(`${type} ${dims}`);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex").slice(0, 16);
}

async function epoch(dataset, release, epochOf = 0) {
  const loader = new DataLoader(dataset, { batchSize: 32, shuffle: true, seed: 7 });
  loader.setEpoch(epochOf);
  const digests = [];
  for await (const batch of loader) {
    digests.push(digestOf(tensorsOf(batch)));
    if (release) batch.release();
    if (release && tensorsOf(batch).some(({ data }) => data.length > 0)) {
      throw new Error("a released batch is not empty");
    }
  }
  return createHash("sha256").update(digests.join()).digest("hex").slice(0, 16);
}

async function dataset() {
  const tokenizer = await Tokenizer.fromPretrained(fixture("wordpiece"));
  return new MultimodalDataset({ imagePaths, texts, tokenizer });
}

/** Asks a worker thread of this file for a message, having sent it one. */
function askWorker(worker, message, transferList = []) {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.postMessage(message, transferList);
  });
}

async function main() {
  const { pixel_values } = await ImageProcessor.standard().process(imagePaths[0]);
  const pairs = await dataset();
  const kept = [];
  for (let e = 0; e < 10; e += 1) kept.push(await epoch(pairs, false));
  const released = [];
  for (let e = 0; e < 5; e += 1) released.push(await epoch(pairs, true));

  const worker = new Worker(new URL(import.meta.url));
  const inWorker = await askWorker(worker, { type: "epoch" });
  const sent = [];
  const direct = [];
  for await (const batch of new DataLoader(pairs, { batchSize: 32 })) {
    direct.push(digestOf(tensorsOf(batch)));
    const { message, transferList } = batch.transfer();
    sent.push(await askWorker(worker, { type: "digest", message }, transferList));
    if (transferList.some(({ byteLength }) => byteLength > 0)) throw new Error("it was copied");
    if (batch.image.data.length > 0) throw new Error("a transferred batch is not empty");
  }
  const received = await askWorker(worker, { type: "batch" });
  const moved = await askWorker(worker, { type: "moved" });
  await worker.terminate();

  const folder = await mkdtemp(join(tmpdir(), "pixtok-smoke-"));
  const packed = [];
  try {
    await packDataset(pairs, join(folder, "packed"));
    const set = await MultimodalDataset.from(join(folder, "packed"));
    for (let e = 0; e < 3; e += 1) packed.push(await epoch(set, e > 0));
  } finally {
    // Windows does not remove files that are mapped
    if (process.platform !== "win32") await rm(folder, { recursive: true, force: true });
  }

  const [first] = kept;
  for (const digest of [...kept, ...released, inWorker, ...packed]) {
    if (digest !== first) throw new Error(`an epoch differs: ${digest}, not ${first}`);
  }
  if (sent.join() !== direct.join()) throw new Error("a batch has changed on its way to a worker");
  for (const batch of [received, moved]) {
    if (digestOf(tensorsOf(batch)) !== direct[0]) throw new Error("a worker's batch differs");
  }
  console.log(`image ${digestOf([pixel_values])} epoch ${first}`);
}

async function work() {
  parentPort.on("message", async (request) => {
    if (request.type === "digest") parentPort.postMessage(digestOf(tensorsOf(request.message)));
    if (request.type === "epoch") parentPort.postMessage(await epoch(await dataset(), false));
    if (request.type === "moved") {
      // not by batch.transfer(), and read when this thread is gone
      for await (const batch of new DataLoader(await dataset(), { batchSize: 32 })) {
        const { image, input_ids, attention_mask } = batch;
        const buffers = tensorsOf(batch).map(({ data }) => data.buffer);
        parentPort.postMessage({ image, input_ids, attention_mask }, buffers);
        batch.release();
        break;
      }
    }
    if (request.type === "batch") {
      for await (const batch of new DataLoader(await dataset(), { batchSize: 32 })) {
        const { message, transferList } = batch.transfer();
        parentPort.postMessage(message, transferList);
        break;
      }
    }
  });
}

await (isMainThread ? main() : work());
