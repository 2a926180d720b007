// node --import tsx examples/minimal.ts IMAGES_FOLDER TOKENIZER_FOLDER
import { readdir } from "node:fs/promises";
import { join, parse } from "node:path";
import { DataLoader, MultimodalDataset, Tokenizer } from "pixtok";

const [folder = "photos", tokenizerFolder = "bert-base-uncased"] = process.argv.slice(2);
const files = (await readdir(folder)).filter((file) => /\.(jpe?g|png|webp)$/i.test(file));
const imagePaths = files.map((file) => join(folder, file));
const texts = files.map((file) => parse(file).name.replaceAll("_", " ")); // red_fox.jpg: "red fox"

const tokenizer = await Tokenizer.fromPretrained(tokenizerFolder);
const dataset = new MultimodalDataset({ imagePaths, texts, tokenizer });
const loader = new DataLoader(dataset, { batchSize: 64, shuffle: true, seed: 7 });

for await (const batch of loader) {
  console.log(batch.image.dims, batch.input_ids.dims, batch.attention_mask.dims);
  batch.release(); // gives the batch's memory back early
}
