import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { DataLoader, ImageProcessor, MultimodalDataset } from "pixtok";
import { fixture, sha256 } from "../support/fixtures.js";
import { smallTokenizer } from "../support/pairs.js";

const script = fileURLToPath(new URL("../support/unfinished-work.mjs", import.meta.url));

async function endOfProcess(ending: string): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [script, ending]);
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += String(chunk);
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stderr })));
}

describe("with work in flight", () => {
  test("process.exit ends the process cleanly", { timeout: 60_000 }, async () => {
    assert.deepEqual(await endOfProcess("exit"), { code: 0, stderr: "" });
  });

  test("an uncaught error ends the process with its message", { timeout: 60_000 }, async () => {
    const { code, stderr } = await endOfProcess("throw");
    assert.equal(code, 1);
    assert.match(stderr, /thrown with work in flight/);
  });

  test("a process that has nothing else to do ends", { timeout: 60_000 }, async () => {
    assert.deepEqual(await endOfProcess("fall off the end"), { code: 0, stderr: "" });
  });

  test("a worker thread can be terminated, again and again", { timeout: 120_000 }, async () => {
    for (let round = 0; round < 4; round += 1) {
      const worker = new Worker(script, { workerData: { ending: "wait to be terminated" } });
      await new Promise((resolve, reject) => {
        worker.once("message", resolve);
        worker.once("error", reject);
      });
      await sleep(10 * round);
      await worker.terminate();
    }
    const { pixel_values } = await ImageProcessor.standard().process(
      fixture("images/jpeg-420.jpg"),
    );
    assert.equal(pixel_values.dims[0], 1);
  });

  test("a worker thread can leave by process.exit", { timeout: 60_000 }, async () => {
    const worker = new Worker(script, { workerData: { ending: "exit" } });
    const code = await new Promise((resolve, reject) => {
      worker.once("error", reject);
      worker.once("exit", resolve);
    });
    assert.equal(code, 0);
  });
});

test("worker threads give the main thread's bytes", { timeout: 60_000 }, async () => {
  const path = fixture("images/jpeg-500x375.jpg");
  const { pixel_values } = await ImageProcessor.standard().process(path);
  const source = `
    import { parentPort } from "node:worker_threads";
    import { ImageProcessor } from "pixtok";
    const { pixel_values } = await ImageProcessor.standard().process(${JSON.stringify(path)});
    parentPort.postMessage(pixel_values.data);
  `;
  const digests = await Promise.all(
    [0, 1, 2].map(
      () =>
        new Promise<string>((resolve, reject) => {
          const worker = new Worker(source, { eval: true, execArgv: ["--input-type=module"] });
          worker.once("message", (data: Float32Array) => resolve(sha256(data)));
          worker.once("error", reject);
        }),
    ),
  );
  assert.deepEqual(digests, Array(3).fill(sha256(pixel_values.data)));
});

describe("resident memory", () => {
  // 300 pairs of 224 x 224 float32: 172 MiB an epoch, if nothing were used again
  const imagePaths = Array.from({ length: 300 }, (_, index) =>
    fixture(`images/${index % 4 === 0 ? "webp-lossy.webp" : "jpeg-420.jpg"}`),
  );
  const texts = imagePaths.map((_, index) => `image ${index}`);

  async function growth(release: boolean): Promise<number> {
    const dataset = new MultimodalDataset({ imagePaths, texts, tokenizer: await smallTokenizer() });
    const loader = new DataLoader(dataset, { batchSize: 32, shuffle: true });
    const resident: number[] = [];
    // in the first dozen, one after the other, there come to be as many batches that wait for the collector as there are going to be
    for (let epoch = 0; epoch < 40; epoch += 1) {
      for await (const batch of loader) if (release) batch.release();
      globalThis.gc?.();
      await sleep(20);
      resident.push(process.memoryUsage.rss());
    }
    return (Math.max(...resident.slice(20)) - Math.max(...resident.slice(0, 20))) / 2 ** 20;
  }

  test("is in forty epochs what it was in the first twenty, with release", async () => {
    const grown = await growth(true);
    assert.ok(grown < 10, `${grown.toFixed(1)} MiB more`);
  });

  test("is in forty epochs what it was in the first twenty, without release", async () => {
    const grown = await growth(false);
    // how many batches wait for the collector is a matter of time: one more may, of 18.4 MiB
    assert.ok(grown < 10 + 18.4, `${grown.toFixed(1)} MiB more`);
  });
});
