// examples/train-tfjs and examples/train-jax learn, as `npm start` runs them. Their packages are installed by `npm ci
// --prefix`.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { deserialize } from "node:v8";
import { drawTrainingScenes } from "../../examples/training-scenes.js";
import { type InstalledExample, installedExample } from "../support/installed-example.js";

const minutes = 60_000;
const tfjs = installedExample("train-tfjs");
const jax = installedExample("train-jax");

let folder: string;
let scenes: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "pixtok-trained-"));
  scenes = join(folder, "scenes");
  if (!tfjs.skip || !jax.skip) await drawTrainingScenes(scenes);
});

after(() => rmSync(folder, { recursive: true }));

interface Epoch {
  loss: number;
  /** Percent of the held-out images. */
  found: number;
}

/** What a program says of its epochs. */
function epochsOf(lines: readonly string[]): Epoch[] {
  const pattern = /^epoch \d+: loss ([\d.]+), ([\d.]+) % of held-out images find their caption$/;
  return lines.flatMap((line) => {
    const [, loss, found] = pattern.exec(line) ?? [];
    return loss === undefined ? [] : [{ loss: Number(loss), found: Number(found) }];
  });
}

/** Parameters of a run whose output is in a folder of this name. */
const of = (run: string, ...more: string[]) => [
  "--data",
  scenes,
  "--out",
  join(folder, run),
  ...more,
];

const checkpointOf = (run: string): unknown =>
  deserialize(readFileSync(join(folder, run, "checkpoint.bin")));

/** A run that is killed some time after a checkpoint in the middle of an epoch, and one that goes on from there. */
async function runTwice(example: InstalledExample, parameters: readonly string[]): Promise<void> {
  await example.run(parameters, (line, child) => {
    if (line === "step 40: saved") child.kill("SIGKILL");
  });
  const lines = await example.run([...parameters, "--resume"]);
  assert.ok(!lines.includes("step 40: saved"));
}

// an image of 256 finds its caption by chance in 0.4 %: more than 5 of 256 in one run of 1,700
const atChance = 2;

describe("train-tfjs", { skip: tfjs.skip }, () => {
  test("compiles", async () => assert.deepEqual(await tfjs.typeErrors(), []));

  test("learns which caption is true of images it has not seen", {
    timeout: 10 * minutes,
  }, async () => {
    const epochs = epochsOf(await tfjs.run(of("tfjs", "--epochs", "4")));
    assert.equal(epochs.length, 4);
    const last = epochs.at(-1) as Epoch;
    assert.ok(last.loss < 0.8, `loss ${last.loss}, of 4.2 by chance`);
    assert.ok(last.found > 35, `${last.found} % found`);
  });

  test("learns nothing that holds for others from captions of other images, resumed or not", {
    timeout: 10 * minutes,
  }, async () => {
    const shuffled = ["--shuffled-captions", "--epochs", "2"];
    const epochs = epochsOf(await tfjs.run(of("tfjs-shuffled", ...shuffled)));
    for (const { found } of epochs) assert.ok(found <= atChance, `${found} % found`);
    await runTwice(tfjs, of("tfjs-resumed", ...shuffled));
    assert.deepEqual(checkpointOf("tfjs-resumed"), checkpointOf("tfjs-shuffled"));
  });
});

describe("train-jax", { skip: jax.skip }, () => {
  test("compiles", async () => assert.deepEqual(await jax.typeErrors(), []));

  test("learns which caption is true of images it has not seen, resumed or not", {
    timeout: 10 * minutes,
  }, async () => {
    const parameters = ["--epochs", "3"];
    const epochs = epochsOf(await jax.run(of("jax", ...parameters)));
    assert.equal(epochs.length, 3);
    const last = epochs.at(-1) as Epoch;
    assert.ok(last.loss < 1.6, `loss ${last.loss}, of 4.2 by chance`);
    assert.ok(last.found > 20, `${last.found} % found`);
    await runTwice(jax, of("jax-resumed", ...parameters));
    assert.deepEqual(checkpointOf("jax-resumed"), checkpointOf("jax"));
  });
});
