import * as jax from "@jax-js/jax";
import { DataLoader, type MultimodalDataset, toJax } from "pixtok";
import { embedImages, embedTexts, type Model } from "./model.js";

const { numpy: np, tree } = jax;

/** The share of images to which their own caption is nearer than that of any other image. */
export async function retrieval(model: Model, dataset: MultimodalDataset): Promise<number> {
  const images: jax.Array[] = [];
  const texts: jax.Array[] = [];
  for await (const batch of new DataLoader(dataset, { batchSize: 64 })) {
    const { image, input_ids } = toJax(jax, batch);
    batch.release();
    images.push(embedImages(tree.ref(model.images), image));
    texts.push(embedTexts(tree.ref(model.texts), input_ids));
  }
  const likeness = np.matmul(np.concatenate(images), np.transpose(np.concatenate(texts)));
  const nearest = (await np.argmax(likeness, 1).data()) as Int32Array;
  return nearest.filter((text, image) => text === image).length / dataset.length;
}
