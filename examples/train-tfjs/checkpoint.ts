import { readFile, rename, writeFile } from "node:fs/promises";
import { deserialize, serialize } from "node:v8";
import * as tf from "@tensorflow/tfjs";
import type { DataLoader, LoaderState } from "pixtok";
import type { Model } from "./model.js";

/** All that a run goes on from. */
export interface Run {
  model: Model;
  optimizer: tf.Optimizer;
  loader: DataLoader;
  /** Batches that the model has learned from. */
  step: number;
}

type Encoded = Awaited<ReturnType<typeof tf.io.encodeWeights>>;

/** A checkpoint's file, by node:v8: tensors as bytes. */
interface Saved {
  model: Encoded;
  optimizer: Encoded;
  loader: LoaderState;
  step: number;
}

/** The file is the old one or the new one, whenever the process is killed. */
export async function save(file: string, { model, optimizer, loader, step }: Run): Promise<void> {
  const moments = await optimizer.getWeights();
  const saved: Saved = {
    model: await tf.io.encodeWeights(model),
    optimizer: await tf.io.encodeWeights(moments),
    loader: loader.state(),
    step,
  };
  await writeFile(`${file}.new`, serialize(saved));
  await rename(`${file}.new`, file);
  // Setting them rounds the powers of Adam's betas: this run goes on as one that loads the file.
  await optimizer.setWeights(moments);
  tf.dispose(moments.map(({ tensor }) => tensor));
}

/** Sets the model, the optimizer and the loader to where they were. */
export async function load(file: string, run: Run): Promise<void> {
  const saved = deserialize(await readFile(file)) as Saved;
  const weights = tf.io.decodeWeights(saved.model.data, saved.model.specs);
  for (const [name, variable] of Object.entries(run.model)) {
    variable.assign(weights[name] as tf.Tensor);
  }
  const moments = tf.io.decodeWeights(saved.optimizer.data, saved.optimizer.specs);
  const named = Object.entries(moments).map(([name, tensor]) => ({ name, tensor }));
  await run.optimizer.setWeights(named);
  tf.dispose([weights, moments]);
  run.loader.resume(saved.loader);
  run.step = saved.step;
}
