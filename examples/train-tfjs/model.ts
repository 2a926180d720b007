import * as tf from "@tensorflow/tfjs";

/** Pixels of an image's sides, as the loader gives it. */
export const imageSide = 64;
/** Tokens of a caption: the longest of the scenes has 16. */
export const captionLength = 18;

const embeddingSize = 64;

/** Layers by name. All of them are trained, and saved. */
export type Model = Record<string, tf.Variable>;

/** @param words in the vocabulary. */
export function createModel(words: number, seed: number): Model {
  const model: Model = {};
  const layer = (name: string, inputs: number, outputs: number) => {
    const start = tf.randomNormal([inputs, outputs], 0, 1, "float32", seed * 100 + layers.length);
    layers.push(name);
    model[name] = tf.variable(start.mul(Math.sqrt(2 / inputs)));
    model[`${name}.bias`] = tf.variable(tf.zeros([outputs]));
  };
  const layers: string[] = [];
  layer("patches", 8 * 8 * 3, 64);
  layer("squares", 2 * 2 * 64, 96);
  layer("image", 4 * 4 * 96, embeddingSize);
  layer("words", captionLength * words, 128);
  layer("text", 128, embeddingSize);
  model.scale = tf.variable(tf.scalar(Math.log(10)));
  return model;
}

/**
 * Patches of 8x8 pixels, then squares of 2x2 patches, then all of them: convolutions whose windows do not overlap, as
 * matrix products, since the WebAssembly backend cannot derive convolutions.
 *
 * @param images float32 [n, 64, 64, 3]
 * @returns unit vectors [n, 64]
 */
export function embedImages(model: Model, images: tf.Tensor): tf.Tensor2D {
  const patches = tf.relu(dense(model, "patches", windows(images, 8)));
  const squares = tf.relu(dense(model, "squares", windows(patches.reshape([-1, 8, 8, 64]), 2)));
  return unit(dense(model, "image", squares.reshape([images.shape[0] as number, -1])));
}

/**
 * A layer for each word at each place, and one above it.
 *
 * @param ids int32 [n, captionLength]
 * @returns unit vectors [n, 64]
 */
export function embedTexts(model: Model, ids: tf.Tensor): tf.Tensor2D {
  const [inputs = 0] = model.words?.shape ?? [];
  const oneHot = tf.oneHot(ids, inputs / captionLength).cast("float32");
  const words = tf.relu(dense(model, "words", oneHot.reshape([-1, inputs])));
  return unit(dense(model, "text", words));
}

/** How far each image is from telling its caption from those of its batch, and each caption its image. */
export function contrastiveLoss(model: Model, images: tf.Tensor, ids: tf.Tensor): tf.Scalar {
  const likeness = multiply(embedImages(model, images), embedTexts(model, ids).transpose());
  const scaled = likeness.mul(tf.exp(model.scale as tf.Variable)) as tf.Tensor2D;
  return crossEntropy(scaled).add(crossEntropy(scaled.transpose())).div(2);
}

/** Of logits [n, n] whose right answers are on the diagonal. */
function crossEntropy(logits: tf.Tensor2D): tf.Scalar {
  return tf.logSoftmax(logits, 1).mul(tf.eye(logits.shape[0])).sum().div(-logits.shape[0]);
}

/** Cuts [n, height, width, channels] into squares of a side: a row for each of them. */
function windows(pixels: tf.Tensor, side: number): tf.Tensor2D {
  const [n, height, width, channels] = pixels.shape as [number, number, number, number];
  return pixels
    .reshape([n, height / side, side, width / side, side * channels])
    .transpose([0, 1, 3, 2, 4])
    .reshape([-1, side * side * channels]);
}

function dense(model: Model, name: string, rows: tf.Tensor): tf.Tensor2D {
  const weights = model[name] as tf.Tensor;
  return multiply(rows, weights).add(model[`${name}.bias`] as tf.Tensor);
}

function unit(rows: tf.Tensor2D): tf.Tensor2D {
  return rows.div(rows.square().sum(1, true).add(1e-6).sqrt());
}

/**
 * A matrix product. The gradient of tf.matMul multiplies transposed matrices, for which the WebAssembly backend needs
 * eight times as long as to transpose them first.
 */
const multiply = tf.customGrad((a, b, save) => {
  const [left, right] = [a as tf.Tensor2D, b as tf.Tensor2D];
  (save as tf.GradSaveFunc)([left, right]);
  return {
    value: tf.matMul(left, right),
    gradFunc: (change, [savedLeft, savedRight]) => [
      tf.matMul(change as tf.Tensor2D, (savedRight as tf.Tensor2D).transpose()),
      tf.matMul((savedLeft as tf.Tensor2D).transpose(), change as tf.Tensor2D),
    ],
  };
}) as (a: tf.Tensor, b: tf.Tensor) => tf.Tensor2D;
