import {
  AutoTokenizer,
  CLIPTextModelWithProjection,
  type ImageFeatureExtractionPipeline,
  pipeline,
} from "@huggingface/transformers";
import { type Embedded, type Pair, unitVectors } from "./embeddings.js";

/** What embeds: a pipeline for images, and a model for texts. */
export interface Models {
  images: ImageFeatureExtractionPipeline;
  texts: CLIPTextModelWithProjection;
}

export async function openModels(model: string): Promise<Models> {
  return {
    images: await pipeline("image-feature-extraction", model, { dtype: "fp32" }),
    texts: await CLIPTextModelWithProjection.from_pretrained(model, { dtype: "fp32" }),
  };
}

/** Images and texts as transformers.js itself prepares them. */
export async function embedAlone(
  models: Models,
  model: string,
  pairs: readonly Pair[],
): Promise<Embedded> {
  const tokenizer = await AutoTokenizer.from_pretrained(model);
  const texts = pairs.map(({ text }) => text);
  const { text_embeds } = await models.texts(tokenizer(texts, { padding: true, truncation: true }));
  const images = await models.images(pairs.map(({ image }) => image));
  return { images: unitVectors(images), texts: unitVectors(text_embeds) };
}
