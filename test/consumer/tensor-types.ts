// The types of tensors follow the options, and are all that are possible where the compiler cannot know the options.

import {
  type Batch,
  type BatchMessage,
  DataLoader,
  type DatasetFromOptions,
  ImageProcessor,
  type ImageProcessorOptions,
  type ImageTensor,
  type Item,
  isVisionProcessor,
  type LoadedBatch,
  MultimodalDataset,
  type MultimodalDatasetOptions,
  type NoColumns,
  type ProcessedImages,
  type Tensor,
  type TextOptions,
  type Tokenizer,
  type TokenTensor,
} from "pixtok";

type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles where `A` is the type of the value, no wider and no narrower. */
function is<A>(): <B>(value: B, same: Same<A, B>) => void {
  return () => {};
}

declare const tokenizer: Tokenizer;
declare const chosen: boolean;
declare const imageOptions: ImageProcessorOptions;
declare const textOptions: TextOptions;
const pairs = { imagePaths: ["a.jpg"], texts: ["a"], tokenizer };
const bytes = new ImageProcessor({ type: "uint8" });
const halves = new ImageProcessor({ type: "float16", mean: [0.5, 0.5, 0.5] });

export async function byDefault() {
  const dataset = new MultimodalDataset({ imagePaths: ["a.jpg"], texts: ["a"], tokenizer });
  const loader = new DataLoader(dataset, {
    fields: {
      length: (batch: Batch) => batch.input_ids.dims[1],
      brightest: ({ image }) => image.data.reduce((most, one) => Math.max(most, one), 0),
    },
  });
  for await (const batch of loader) {
    const image: Float32Array = batch.image.data;
    const ids: BigInt64Array = batch.input_ids.data;
    const mask: BigInt64Array = batch.attention_mask.data;
    is<Tensor<"float32">>()(batch.image, true);
    is<Tensor<"int64">>()(batch.input_ids, true);
    is<number>()(batch.fields.brightest, true);
    const first = ids[0];
    if (first !== undefined) console.log(first + 1n, mask.length);
    const { message } = batch.transfer();
    is<Tensor<"float32">>()(message.image, true);
    is<Tensor<"int64">>()(message.attention_mask, true);
    is<Tensor<"float32"> | undefined>()(batch.soft_labels, true);
    // @ts-expect-error: they are float32
    const other: Uint8Array = image;
    // annotations without parameters take what has a type
    const annotated: [Batch, BatchMessage, LoadedBatch<typeof batch.fields>] = [
      batch,
      message,
      batch,
    ];
    console.log(other, annotated);
  }
  const item = await dataset.get(0);
  is<Tensor<"float32">>()(item.image, true);
  is<Tensor<"int64">>()(item.input_ids, true);
  const annotated: [MultimodalDataset, Item] = [dataset, item];
  const plain: DataLoader = new DataLoader(dataset);
  return [annotated, plain];
}

export async function byOptions() {
  const dataset = new MultimodalDataset({ ...pairs, image: bytes, text: { type: "int32" } });
  is<ImageProcessor<"uint8">>()(dataset.image, true);
  for await (const batch of new DataLoader(dataset)) {
    is<Tensor<"uint8">>()(batch.image, true);
    is<Tensor<"int32">>()(batch.input_ids, true);
    const annotated: Batch = batch;
    // @ts-expect-error: a batch of any types is not one of float32 and int64
    const standard: typeof batch = annotated;
    console.log(standard);
  }
  const images = new MultimodalDataset({
    imagePaths: [["a.jpg", null]],
    text: null,
    maxImages: 2,
    image: halves,
  });
  is<Tensor<"float16">>()((await images.get(0)).image, true);
  const annotated: MultimodalDataset = dataset;
  const ready = await MultimodalDataset.from("tokens.parquet", {
    image: halves,
    text: { tokens: "ids", padTokenId: 0, type: "int32" },
  });
  for await (const batch of new DataLoader(ready)) {
    is<Tensor<"float16">>()(batch.image, true);
    is<Tensor<"int32">>()(batch.attention_mask, true);
    // @ts-expect-error: tokens are ready
    batch.texts;
  }
  return annotated;
}

export async function forATrainer() {
  const tfjs = await new MultimodalDataset({ ...pairs, for: "tfjs" }).get(0);
  is<Tensor<"int32">>()(tfjs.input_ids, true);
  is<Tensor<"float32">>()(tfjs.image, true);
  const jax = await MultimodalDataset.from("a.jsonl", { tokenizer, for: "jax-js", text: {} });
  is<Tensor<"int32">>()((await jax.get(0)).input_ids, true);
  const text = { type: "int64", maxLength: 8 } as const;
  const both = await new MultimodalDataset({ ...pairs, for: "tfjs", text }).get(0);
  is<Tensor<"int64">>()(both.input_ids, true);
  const some = new MultimodalDataset({ ...pairs, ...(chosen && { for: "tfjs" }) });
  is<TokenTensor>()((await some.get(0)).input_ids, true);
}

export async function ofWhatIsThere() {
  // a packed set has a processor of its own, of any type
  const dataset = await MultimodalDataset.from("pack");
  is<ImageTensor>()((await dataset.get(0)).image, true);
  is<Tensor<"int64">>()((await dataset.get(0)).input_ids, true);
  const image = ImageProcessor.standard();
  const standard = await MultimodalDataset.from("pack", { image, columns: { label: "int64" } });
  const item = await standard.get(0);
  is<Tensor<"float32">>()(item.image, true);
  is<Tensor<"int64">>()(item.columns.label, true);
}

export async function ofColumns() {
  const columns = { mask: { type: "image", processor: bytes }, depth: "image" } as const;
  const item = await new MultimodalDataset({ ...pairs, columns }).get(0);
  is<Tensor<"uint8">>()(item.columns.mask, true);
  is<ImageTensor>()(item.columns.depth, true);
}

export async function ofProcessors() {
  is<ImageProcessor<"float32">>()(new ImageProcessor(), true);
  is<ImageProcessor<"float32">>()(new ImageProcessor({ filter: "bicubic" }), true);
  is<ImageProcessor<"float32">>()(ImageProcessor.standard(), true);
  is<ImageProcessor<"float16">>()(halves, true);
  is<ImageProcessor<"uint8">>()(new ImageProcessor({ ...bytes.config, layout: "hwc" }), true);
  const pretrained = await ImageProcessor.fromPretrained("google/vit-base-patch16-224");
  is<ImageProcessor>()(pretrained, true);
  const { pixel_values } = await ImageProcessor.standard().process("a.jpg");
  is<Tensor<"float32">>()(pixel_values, true);
  const processed: ProcessedImages = await bytes.process("a.jpg");
  const annotated: ImageProcessor = bytes;
  // @ts-expect-error: it may be of another type
  const narrowed: ImageProcessor<"uint8"> = annotated;
  // @ts-expect-error: an option that does not exist
  new ImageProcessor({ type: "uint8", size: 224 });
  // @ts-expect-error: a type that does not exist
  new ImageProcessor({ type: "float64" });
  if (isVisionProcessor(pretrained)) {
    const dataset = new MultimodalDataset({ ...pairs, image: pretrained });
    is<ImageTensor>()((await dataset.get(0)).pixel_values, true);
  }
  return [processed, narrowed];
}

export async function ofDynamicOptions(
  maybeBytes: { type?: "uint8" },
  maybeOptions: { type: "uint8" } | undefined,
  datasetOptions: MultimodalDatasetOptions<NoColumns, TextOptions, Tokenizer, undefined>,
  fromOptions: DatasetFromOptions,
  maybeInt32: { tokenizer: Tokenizer; text?: { type: "int32" } },
) {
  type Some = ImageProcessor<"float32" | "uint8">;
  is<ImageProcessor>()(new ImageProcessor(imageOptions), true);
  is<Some>()(new ImageProcessor(maybeBytes), true);
  is<Some>()(new ImageProcessor(maybeOptions), true);
  is<Some>()(new ImageProcessor(chosen ? { type: "uint8" } : {}), true);
  is<Some>()(new ImageProcessor({ filter: "box", ...(chosen && { type: "uint8" }) }), true);
  is<ImageProcessor>()(new ImageProcessor(JSON.parse("{}")), true);

  const image = new ImageProcessor(imageOptions);
  const item = await new MultimodalDataset({ ...pairs, image, text: textOptions }).get(0);
  is<ImageTensor>()(item.image, true);
  is<TokenTensor>()(item.input_ids, true);
  const spread = new MultimodalDataset({ ...pairs, ...(chosen && { image: bytes }) });
  is<"float32" | "uint8">()((await spread.get(0)).image.type, true);
  const either = { ...pairs, text: chosen ? ({ type: "int32" } as const) : { maxLength: 8 } };
  is<TokenTensor>()((await new MultimodalDataset(either).get(0)).input_ids, true);
  const opened = await MultimodalDataset.from("a.jsonl", maybeInt32);
  is<TokenTensor>()((await opened.get(0)).input_ids, true);
  const given = await new MultimodalDataset({ ...datasetOptions, tokenizer }).get(0);
  is<TokenTensor>()(given.input_ids, true);
  return MultimodalDataset.from("a.jsonl", { tokenizer, ...fromOptions });
}

/** Of a class of one's own, whose constructor may be given any options. */
class Own extends MultimodalDataset {}
export async function ofOwnClass() {
  const item = await new Own({ ...pairs, image: bytes }).get(0);
  is<ImageTensor>()(item.image, true);
  is<TokenTensor>()(item.input_ids, true);
}
