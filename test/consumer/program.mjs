// README.md's first programs over images of test/data, the folder that is given. Prints a digest of every
// tensor, and what decoded the images.

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DataLoader, ImageProcessor, MultimodalDataset, runtimeInfo, Tokenizer } from "pixtok";

const [data] = process.argv.slice(2);
const names = [
  "jpeg-500x375.jpg",
  "jpeg-cmyk.jpg",
  "png-rgb.png",
  "webp-lossy.webp",
  "jpeg-420.jpg",
];
const images = names.map((name) => join(data, "images", name));
const digests = {};

function digest(name, { type, dims, data: { buffer, byteOffset, byteLength } }) {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  digests[`${name} ${type} [${dims}]`] = createHash("sha256").update(bytes).digest("hex");
}

const tokenizer = await Tokenizer.fromPretrained(join(data, "wordpiece"));
const dataset = new MultimodalDataset({
  imagePaths: images,
  texts: images.map((_, i) => `an image of ${i} cats on a sofa`),
  tokenizer,
});
const loader = new DataLoader(dataset, { batchSize: 3, shuffle: true, seed: 7 });
for await (const batch of loader) {
  for (const name of ["image", "input_ids", "attention_mask"]) {
    digest(`${name} of ${batch.indices}`, batch[name]);
  }
  batch.release();
}

const processor = ImageProcessor.standard();
const { pixel_values } = await processor.process([images[0], await readFile(images[2])]);
digest("pixel_values", pixel_values);
const crop = { top: 20, left: 10, height: 60, width: 90 };
const part = await processor.process(images[0], { crop, horizontalFlip: true });
digest("pixel_values of a crop", part.pixel_values);

console.log(JSON.stringify({ digests, decoder: runtimeInfo().decoder }));
