// What a user writes after reading README.md. It is compiled against the package as it is published.

import {
  type Batch,
  type BatchMessage,
  type Crop,
  DataLoader,
  ImageProcessor,
  type ImageTensor,
  type LoaderState,
  MultimodalDataset,
  type Pair,
  type PairSource,
  PixtokError,
  type PixtokErrorCode,
  type RuntimeInfo,
  runtimeInfo,
  type Tensor,
  Tokenizer,
  type TokenTensor,
} from "pixtok";

const tokenizer: Tokenizer = await Tokenizer.fromPretrained("path/to/bert-base-uncased");
const dataset = new MultimodalDataset({
  imagePaths: ["photos/cat.jpg", "photos/dog.png"],
  texts: ["a cat on a sofa", "a dog in the park"],
  tokenizer,
  augmentation: { randomResizedCrop: { scale: [0.5, 1] }, horizontalFlip: 0.5 },
});

const loader = new DataLoader(dataset, {
  batchSize: 64,
  shuffle: true,
  seed: 7,
  onError: "skip",
  signal: new AbortController().signal,
  fields: { length: async (batch: Batch) => batch.input_ids.dims[1] ?? 0 },
});
const labelled = await MultimodalDataset.from("train.parquet", {
  tokenizer,
  columns: { label: "int64", box: { type: "float32", shape: [4] }, url: "string" },
});
for await (const { columns } of new DataLoader(labelled, { batchSize: 64 })) {
  const label: Tensor<"int64"> = columns.label;
  const box: Tensor<"float32"> = columns.box;
  const url: readonly string[] = columns.url;
  // @ts-expect-error: it has no such column
  columns.caption;
  console.log(label.dims, box.dims, url.length);
}

const images = new MultimodalDataset({ imagePaths: ["photos/cat.jpg"], text: null });
for await (const batch of new DataLoader(images)) {
  const image: ImageTensor = batch.image;
  // @ts-expect-error: a dataset without texts has no tokens
  batch.input_ids;
  console.log(image.dims);
}
const stacked = new MultimodalDataset({ imagePaths: [["a.jpg", null]], text: null, maxImages: 2 });
for await (const { image, image_mask } of new DataLoader(stacked)) {
  const mask: Tensor<"uint8"> = image_mask;
  console.log(image.dims, mask.dims);
}
for await (using batch of new DataLoader(images)) console.log(batch.image.dims);
for await (const batch of new DataLoader(images)) {
  // @ts-expect-error: a row has one image
  batch.image_mask;
}
// @ts-expect-error: texts need a tokenizer
new MultimodalDataset({ imagePaths: ["photos/cat.jpg"], texts: ["a cat"] });

for await (const batch of loader) {
  const numbers: Float32Array = batch.image.data;
  const id: bigint | undefined = batch.input_ids.data[0];
  console.log(numbers.length, id);
  const image: ImageTensor = batch.image;
  const ids: TokenTensor = batch.input_ids;
  if (image.type === "float32") {
    const first: number | undefined = (image as Tensor<"float32">).data[0];
    console.log(first);
  }
  if (ids.type === "int64") {
    const first: bigint | undefined = ids.data[0];
    console.log(first);
  }
  const flipped: Int32Array | undefined = batch.augmentation?.data;
  const length: number = batch.fields.length;
  console.log(flipped, length, batch.indices, batch.texts[0], batch.keys[0]?.length);
  const { message, transferList } = batch.transfer();
  const received: BatchMessage = structuredClone(message, { transfer: transferList });
  console.log(received.image.dims);
  batch.release();
}
const state: LoaderState = loader.state();
loader.resume(state);

const source: PairSource = {
  length: 2,
  get: async (index: number): Promise<Pair> => ({ image: "photos/cat.jpg", text: `cat ${index}` }),
};
const shards = await MultimodalDataset.from("shards/{000..099}.tar", { tokenizer });
console.log(new MultimodalDataset({ source, tokenizer }).length, shards.description);

const processor = ImageProcessor.standard();
const { pixel_values } = await processor.process(["photos/cat.jpg", new Uint8Array(8)]);
const crop: Crop = { top: 20, left: 10, height: 260, width: 290 };
const part = await processor.process("photos/cat.jpg", { crop, horizontalFlip: true });
const [n, ...rest]: number[] = pixel_values.dims;
console.log(n, rest, part.pixel_values.data.length);

try {
  await processor.process("none.jpg");
} catch (error) {
  if (!(error instanceof PixtokError)) throw error;
  const code: PixtokErrorCode = error.code;
  console.log(code, error.index, error.source, error.message);
}

const info: RuntimeInfo = runtimeInfo();
console.log(info.decoder.name, info.decoder.library);

// @ts-expect-error an option that does not exist
new DataLoader(dataset, { batchsize: 64 });
// @ts-expect-error a code that does not exist
export const none: PixtokErrorCode = "NONE";
