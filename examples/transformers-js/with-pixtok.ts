import * as transformers from "@huggingface/transformers";
import { DataLoader, ImageProcessor, MultimodalDataset, Tokenizer, toTransformers } from "pixtok";
import { type Embedded, type Pair, unitVectors } from "./embeddings.js";
import type { Models } from "./transformers-alone.js";

/** The model's own image processor and tokenizer, with the numbers that they have in Python. */
export async function openPreparation(model: string) {
  return {
    image: await ImageProcessor.fromPretrained(model),
    tokenizer: await Tokenizer.fromPretrained(model),
  };
}

type Preparation = Awaited<ReturnType<typeof openPreparation>>;

/** In the pipeline: transformers.js decodes the images, and pixtok does what its processor would. */
export async function embedInPipeline(
  models: Models,
  { image, tokenizer }: Preparation,
  pairs: readonly Pair[],
): Promise<Embedded> {
  const processor = async (images: transformers.RawImage[]) =>
    toTransformers(transformers, await image.process(images));
  models.images.processor = processor as unknown as transformers.Processor;
  const texts = pairs.map(({ text }) => text);
  const tokens = await tokenizer.encode(texts, { padding: true, truncation: true });
  const { text_embeds } = await models.texts(toTransformers(transformers, tokens));
  const images = await models.images(pairs.map(({ image }) => image));
  return { images: unitVectors(images), texts: unitVectors(text_embeds) };
}

/** Without the pipeline: batches are decoded and prepared by pixtok's threads while the model works. */
export async function embedByLoader(
  models: Models,
  preparation: Preparation,
  pairs: readonly Pair[],
): Promise<Embedded> {
  const dataset = new MultimodalDataset({
    ...preparation,
    imagePaths: pairs.map(({ image }) => image),
    texts: pairs.map(({ text }) => text),
    text: { clean: "none", padding: "longest", maxLength: 77 }, // CLIP's
  });
  const images: transformers.Tensor[] = [];
  const texts: transformers.Tensor[] = [];
  for await (const batch of new DataLoader(dataset, { batchSize: 32 })) {
    const { image, input_ids, attention_mask } = toTransformers(transformers, batch);
    images.push((await models.images.model({ pixel_values: image })).image_embeds);
    texts.push((await models.texts({ input_ids, attention_mask })).text_embeds);
    batch.release(); // not before the models have run: the tensors have the same memory
  }
  return {
    images: unitVectors(transformers.cat(images)),
    texts: unitVectors(transformers.cat(texts)),
  };
}
