// node --import tsx examples/vlm-rows/main.ts [FOLDER]
//
// A folder of questions about drawn scenes, to packed rows for a vision–language model, and a page that shows them.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DataLoader, MultimodalDataset, Processor, packDataset, showBatch } from "pixtok";
import { wordsOf, writeQuestions } from "./questions.js";
import { writeSmallModel } from "./small-model.js";

const [folder = "examples/vlm-rows/output"] = process.argv.slice(2);
const { path, rows } = await writeQuestions(join(folder, "questions"), 240);
const model = await writeSmallModel(join(folder, "model"), wordsOf(rows));

// with a model of your own: its folder, or its id on the hub
const processor = await Processor.fromPretrained(model);
const dataset = await MultimodalDataset.from(path, { processor, chat: { maxLength: 256 } });
console.log(dataset);

const order = { shuffle: true, seed: 7 } as const;
const rowByRow = new DataLoader(dataset, { ...order, batchSize: 8 });
for await (const batch of rowByRow) batch.release();

const packed = new DataLoader(dataset, {
  ...order,
  batchSize: 4,
  sequencePacking: { window: 120 },
});
const page = join(folder, "rows.html");
const seen: number[] = [];
let sequences = 0;
for await (const batch of packed) {
  if (seen.length === 0) {
    console.log(batch);
    await writeFile(
      page,
      await showBatch(batch, { title: "Questions about scenes, in sequences" }),
    );
  }
  seen.push(...batch.indices);
  sequences += batch.sequences?.length ?? 0;
  // here a model is trained: input_ids, labels, position_ids, pixel_values and image_grid_thw are its inputs
  batch.release();
}

// once for all: the same batches without decoding and encoding, in files that Python opens, too
const pack = join(folder, "packed");
await packDataset(dataset, pack);
const fromPack = await MultimodalDataset.from(pack, { processor });
let stored = 0;
for await (const batch of new DataLoader(fromPack, { ...order, batchSize: 8 })) {
  stored += batch.indices.length;
  batch.release();
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
console.log(
  `${seen.length} rows in ${sequences} sequences, each row once: ${new Set(seen).size === rows.length}`,
);
console.log(
  `padding: ${percent(packed.stats().paddingShare)} of the tokens, ${percent(rowByRow.stats().paddingShare)} without packing`,
);
console.log(`${stored} rows as Arrow files: ${pack}`);
console.log(`the first batch as a page: ${page}`);
