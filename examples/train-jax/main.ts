// Trains two towers, one for images and one for texts, until the two of a pair are near each other.
//
//   npm start                   # draws scenes, trains, says what it found; saves every 20 steps
//   npm start -- --resume       # goes on from the last checkpoint
//   npm start -- --data FOLDER  # train.jsonl, held-out.jsonl and vocab.txt of your own
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import * as jax from "@jax-js/jax";
import { DataLoader, toJax } from "pixtok";
import { drawTrainingScenes } from "../training-scenes.js";
import { load, type Run, save } from "./checkpoint.js";
import { openData } from "./data.js";
import { learn, startTraining } from "./model.js";
import { retrieval } from "./retrieval.js";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    epochs: { type: "string", default: "6" },
    out: { type: "string" },
    resume: { type: "boolean", default: false },
  },
});
// npm runs this in its own folder: paths that are given start where npm was called
const given = (path: string) => resolve(process.env.INIT_CWD ?? ".", path);
const out = values.out === undefined ? "output" : given(values.out);
const epochs = Number(values.epochs);
const checkpoint = join(out, "checkpoint.bin");
const seed = 7;

await jax.init("wasm"); // Node has no WebGPU
jax.defaultDevice("wasm");
await mkdir(out, { recursive: true });

const folder = values.data === undefined ? join(out, "scenes") : given(values.data);
if (values.data === undefined) await drawTrainingScenes(folder);
const { train, heldOut, words } = await openData(folder);

const run: Run = {
  training: startTraining(words, seed),
  loader: new DataLoader(train, { batchSize: 64, shuffle: true, seed, dropLast: true }),
  step: 0,
};
if (values.resume) await load(checkpoint, run);

while (run.loader.state().epoch < epochs) {
  const { epoch } = run.loader.state();
  const losses: number[] = [];
  for await (const batch of run.loader) {
    const { image, input_ids } = toJax(jax, batch);
    batch.release(); // the arrays are copies
    const [loss, next] = learn(run.training, run.step, image, input_ids);
    run.training = next;
    losses.push(await loss.jsAsync());
    run.step += 1;
    if (run.step % 20 === 0) {
      await save(checkpoint, run);
      console.log(`step ${run.step}: saved`);
    }
  }
  const loss = losses.reduce((sum, one) => sum + one, 0) / losses.length;
  const found = (100 * (await retrieval(run.training.model, heldOut))).toFixed(1);
  console.log(
    `epoch ${epoch}: loss ${loss.toFixed(4)}, ${found} % of held-out images find their caption`,
  );
}
await save(checkpoint, run);
console.log(`chance: ${(100 / heldOut.length).toFixed(1)} %`);
