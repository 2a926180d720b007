// node --import tsx examples/packed.ts SOURCE TOKENIZER_FOLDER [PACKED_FOLDER]
//
// Packs whatever MultimodalDataset.from() opens, images a little larger than wanted, and goes through
// epochs of random crops at the speed of memory. Run again, it goes on where it was interrupted.
import { DataLoader, ImageProcessor, MultimodalDataset, packDataset, Tokenizer } from "pixtok";

const [source = "shards/{000..099}.tar", tokenizerFolder = "bert-base-uncased", folder = "packed"] =
  process.argv.slice(2);

const stored = new ImageProcessor({ resize: { width: 256, height: 256 } });
const tokenizer = await Tokenizer.fromPretrained(tokenizerFolder);
const original = await MultimodalDataset.from(source, { tokenizer, image: stored });
console.log(original.description);
const { pairs, errors } = await packDataset(original, folder, { onError: "skip" });
console.log(`packed ${pairs} pairs, left out ${errors.count}`);

const dataset = await MultimodalDataset.from(folder, {
  image: new ImageProcessor({ resize: { width: 256, height: 256 }, centerCrop: 224 }),
  augmentation: { randomCrop: {}, horizontalFlip: 0.5 },
});
console.log(dataset.description);
const loader = new DataLoader(dataset, { batchSize: 64, shuffle: true, seed: 7 });
for (let epoch = 0; epoch < 2; epoch += 1) {
  for await (const batch of loader) {
    console.log(`epoch ${epoch}: ${batch.image.dims.join(" x ")}`);
    batch.release(); // gives the batch's memory back early
  }
}
