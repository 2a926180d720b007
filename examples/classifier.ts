// node --import tsx examples/classifier.ts CLASSES_FOLDER
import { DataLoader, MultimodalDataset } from "pixtok";

const [folder = "classes"] = process.argv.slice(2);
// of classes/cat/1.jpg the label is the number of "cat" among the folders' names
const columns = { label: "int64" } as const;
const dataset = await MultimodalDataset.from(folder, { text: null, columns });
const loader = new DataLoader(dataset, { batchSize: 64, shuffle: true, seed: 7 });

const counts = new Map<bigint, number>();
for await (const { image, columns, release } of loader) {
  console.log(image.dims, columns.label.dims);
  for (const label of columns.label.data) counts.set(label, (counts.get(label) ?? 0) + 1);
  release();
}
const classes = [...counts].sort(([a], [b]) => Number(a - b));
console.log("images of each class:", Object.fromEntries(classes));
