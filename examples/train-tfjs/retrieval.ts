import * as tf from "@tensorflow/tfjs";
import { DataLoader, type MultimodalDataset, toTfjs } from "pixtok";
import { embedImages, embedTexts, type Model } from "./model.js";

/** The share of images to which their own caption is nearer than that of any other image. */
export async function retrieval(model: Model, dataset: MultimodalDataset): Promise<number> {
  const images: tf.Tensor2D[] = [];
  const texts: tf.Tensor2D[] = [];
  for await (const batch of new DataLoader(dataset, { batchSize: 64 })) {
    const { image, input_ids } = toTfjs(tf, batch);
    images.push(tf.tidy(() => embedImages(model, image)));
    texts.push(tf.tidy(() => embedTexts(model, input_ids)));
    tf.dispose([image, input_ids]);
    batch.release();
  }
  const nearest = tf.tidy(() =>
    tf.matMul(tf.concat(images), tf.concat(texts), false, true).argMax(1),
  );
  const found = (await nearest.data()).filter((text, image) => text === image).length;
  tf.dispose([images, texts, nearest]);
  return found / dataset.length;
}
