// Trains two towers, one for images and one for texts, until the two of a pair are near each other.
//
//   npm start                           # draws scenes, trains, says what it found; saves every 20 steps
//   npm start -- --resume               # goes on from the last checkpoint
//   npm start -- --shuffled-captions    # the same with captions of other images: nothing holds for new ones
//   npm start -- --data FOLDER          # train.jsonl, held-out.jsonl and vocab.txt of your own
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { DataLoader, toTfjs } from "pixtok";
import { drawTrainingScenes } from "../training-scenes.js";
import { load, type Run, save } from "./checkpoint.js";
import { openData } from "./data.js";
import { contrastiveLoss, createModel } from "./model.js";
import { retrieval } from "./retrieval.js";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    epochs: { type: "string", default: "8" },
    out: { type: "string" },
    resume: { type: "boolean", default: false },
    "shuffled-captions": { type: "boolean", default: false },
  },
});
// npm runs this in its own folder: paths that are given start where npm was called
const given = (path: string) => resolve(process.env.INIT_CWD ?? ".", path);
const out = values.out === undefined ? "output" : given(values.out);
const epochs = Number(values.epochs);
const checkpoint = join(out, "checkpoint.bin");
const seed = 7;

// the fastest that npm installs without a script: a step takes it 0.1 s, and the CPU backend 3 s
await tf.setBackend("wasm");
await mkdir(out, { recursive: true });

const folder = values.data === undefined ? join(out, "scenes") : given(values.data);
if (values.data === undefined) await drawTrainingScenes(folder);
const textColumn = values["shuffled-captions"] ? "other_text" : "text";
const { train, heldOut, words } = await openData(folder, textColumn);

const run: Run = {
  model: createModel(words, seed),
  optimizer: tf.train.adam(0.002),
  loader: new DataLoader(train, { batchSize: 64, shuffle: true, seed, dropLast: true }),
  step: 0,
};
if (values.resume) await load(checkpoint, run);

while (run.loader.state().epoch < epochs) {
  const { epoch } = run.loader.state();
  const losses: number[] = [];
  for await (const batch of run.loader) {
    const { image, input_ids } = toTfjs(tf, batch);
    const loss = run.optimizer.minimize(
      () => contrastiveLoss(run.model, image, input_ids),
      true,
      Object.values(run.model),
    );
    losses.push(((await loss?.data()) as Float32Array)[0] as number);
    tf.dispose([image, input_ids, loss as tf.Scalar]);
    batch.release();
    run.step += 1;
    if (run.step % 20 === 0) {
      await save(checkpoint, run);
      console.log(`step ${run.step}: saved`);
    }
  }
  const loss = losses.reduce((sum, one) => sum + one, 0) / losses.length;
  const found = (100 * (await retrieval(run.model, heldOut))).toFixed(1);
  console.log(
    `epoch ${epoch}: loss ${loss.toFixed(4)}, ${found} % of held-out images find their caption`,
  );
}
await save(checkpoint, run);
console.log(`chance: ${(100 / heldOut.length).toFixed(1)} %`);
