// node --import tsx examples/out-of-memory.ts IMAGES_FOLDER TOKENIZER_FOLDER
//
// A trainer that halves its batches when the device runs out of memory, and loses no pair.
import { readdir } from "node:fs/promises";
import { join, parse } from "node:path";
import { type Batch, DataLoader, isOutOfMemoryError, MultimodalDataset, Tokenizer } from "pixtok";

const [folder = "photos", tokenizerFolder = "bert-base-uncased"] = process.argv.slice(2);
const files = (await readdir(folder)).filter((file) => /\.(jpe?g|png|webp)$/i.test(file));
const dataset = new MultimodalDataset({
  imagePaths: files.map((file) => join(folder, file)),
  texts: files.map((file) => parse(file).name.replaceAll("_", " ")),
  tokenizer: await Tokenizer.fromPretrained(tokenizerFolder),
});

/** Stands for a GPU with room for 10 MB of images. */
async function trainStep(batch: Batch): Promise<void> {
  if (batch.image.data.byteLength > 10e6) throw new Error("CUDA error: out of memory");
}

const loader = new DataLoader(dataset, { batchSize: 64, shuffle: true, seed: 7 });
let trained = 0;
for await (const batch of loader) {
  const size = batch.indices.length;
  try {
    await trainStep(batch);
    trained += size;
  } catch (error) {
    if (size === 1 || !isOutOfMemoryError(error)) throw error;
    loader.setBatchSize(Math.ceil(size / 2));
    loader.retry(); // the same pairs once more, in smaller batches
    console.log(`${size} pairs are too many, going on with ${loader.batchSize}`);
  } finally {
    batch.release();
  }
}
console.log(`trained on ${trained} of ${dataset.length} pairs`);
