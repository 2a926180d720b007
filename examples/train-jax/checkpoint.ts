import { readFile, rename, writeFile } from "node:fs/promises";
import { deserialize, serialize } from "node:v8";
import { numpy as np, tree } from "@jax-js/jax";
import type { DataLoader, LoaderState } from "pixtok";
import type { Training } from "./model.js";

/** All that a run goes on from. */
export interface Run {
  training: Training;
  loader: DataLoader;
  /** Batches that the model has learned from. */
  step: number;
}

/** A checkpoint's file, by node:v8. */
interface Saved {
  arrays: Float32Array[];
  loader: LoaderState;
  step: number;
}

/** The file is the old one or the new one, whenever the process is killed. */
export async function save(file: string, { training, loader, step }: Run): Promise<void> {
  const arrays = await Promise.all(
    tree.leaves<np.Array>(training).map((array) => array.ref.data() as Promise<Float32Array>),
  );
  const saved: Saved = { arrays, loader: loader.state(), step };
  await writeFile(`${file}.new`, serialize(saved));
  await rename(`${file}.new`, file);
}

/** Sets the model, Adam's moments and the loader to where they were. */
export async function load(file: string, run: Run): Promise<void> {
  const { arrays, loader, step } = deserialize(await readFile(file)) as Saved;
  run.training = tree.map((array: np.Array) => {
    const { shape } = array;
    array.dispose();
    return np.array(arrays.shift() as Float32Array<ArrayBuffer>, { shape });
  }, run.training);
  run.loader.resume(loader);
  run.step = step;
}
