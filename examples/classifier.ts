// node --import tsx examples/classifier.ts CLASSES_FOLDER TOKENIZER_FOLDER
import { DataLoader, MultimodalDataset, Tokenizer } from "pixtok";

const [folder = "classes", tokenizerFolder = "bert-base-uncased"] = process.argv.slice(2);
const tokenizer = await Tokenizer.fromPretrained(tokenizerFolder);
// classes/cat/1.jpg: the text is "cat", the label the number of "cat" among the folders' names
const dataset = await MultimodalDataset.from(folder, { tokenizer, columns: { label: "int64" } });
const loader = new DataLoader(dataset, { batchSize: 64, shuffle: true, seed: 7 });

const images = new Map<bigint, number>();
for await (const { image, columns, texts, release } of loader) {
  console.log(image.dims, columns.label.dims, texts[0], columns.label.data[0]);
  for (const label of columns.label.data) images.set(label, (images.get(label) ?? 0) + 1);
  release();
}
console.log("images of each class:", Object.fromEntries(images));
