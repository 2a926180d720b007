import { jit, nn, numpy as np, random, tree, valueAndGrad } from "@jax-js/jax";

/** Pixels of an image's sides, as the loader gives it. */
export const imageSide = 64;
/** Tokens of a caption: the longest of the scenes has 16. */
export const captionLength = 18;

const embeddingSize = 64;
const learningRate = 0.002;

type Layer = { weights: np.Array; bias: np.Array };
type ImageTower = { patches: Layer; squares: Layer; image: Layer };
type TextTower = { words: Layer; text: Layer };

/** All that is trained. */
export type Model = { images: ImageTower; texts: TextTower; scale: np.Array };

/** What a step makes anew: the model, and Adam's two moments of each of its numbers. */
export type Training = { model: Model; first: Model; second: Model };

/** @param words in the vocabulary. */
export function startTraining(words: number, seed: number): Training {
  let key = seed * 100;
  const layer = (inputs: number, outputs: number): Layer => {
    key += 1;
    const start = random.normal(random.key(key), [inputs, outputs]);
    return { weights: start.mul(Math.sqrt(2 / inputs)), bias: np.zeros([outputs]) };
  };
  const model: Model = {
    images: {
      patches: layer(8 * 8 * 3, 64),
      squares: layer(2 * 2 * 64, 96),
      image: layer(4 * 4 * 96, embeddingSize),
    },
    texts: { words: layer(captionLength * words, 128), text: layer(128, embeddingSize) },
    scale: np.array(Math.log(10)),
  };
  const zeros = () => tree.map((one: np.Array) => np.zeros(one.shape), model) as Model;
  return { model, first: zeros(), second: zeros() };
}

/**
 * Patches of 8x8 pixels, then squares of 2x2 patches, then all of them: convolutions whose windows do not overlap, as
 * matrix products, which jax-js computes thirty times as fast.
 *
 * @param images float32 [n, 3, 64, 64]
 * @returns unit vectors [n, 64]
 */
export function embedImages({ patches, squares, image }: ImageTower, images: np.Array): np.Array {
  const [n = 0] = images.shape;
  const pixels = np.transpose(images, [0, 2, 3, 1]);
  const small = nn.relu(dense(windows(pixels, 8), patches)).reshape([n, 8, 8, 64]);
  const large = nn.relu(dense(windows(small, 2), squares)).reshape([n, -1]);
  return unit(dense(large, image));
}

/**
 * A layer for each word at each place, and one above it.
 *
 * @param ids int32 [n, captionLength]
 * @returns unit vectors [n, 64]
 */
export function embedTexts({ words, text }: TextTower, ids: np.Array): np.Array {
  const [n = 0] = ids.shape;
  const [inputs = 0] = words.weights.shape;
  const oneHot = nn.oneHot(ids, inputs / captionLength).astype(np.float32);
  return unit(dense(nn.relu(dense(oneHot.reshape([n, inputs]), words)), text));
}

/** How far each image is from telling its caption from those of its batch, and each caption its image. */
function contrastiveLoss(
  { images, texts, scale }: Model,
  pixels: np.Array,
  ids: np.Array,
): np.Array {
  const likeness = np.matmul(embedImages(images, pixels), np.transpose(embedTexts(texts, ids)));
  const scaled = likeness.mul(np.exp(scale));
  return crossEntropy(scaled.ref)
    .add(crossEntropy(np.transpose(scaled)))
    .div(2);
}

/**
 * Learns from a batch, by Adam.
 *
 * @param steps batches that were learned from before: Adam's correction of its moments depends on it.
 * @returns the loss before the step, and what to go on from
 */
export function learn(training: Training, steps: number, pixels: np.Array, ids: np.Array) {
  const corrections = [1 / (1 - 0.9 ** (steps + 1)), 1 / (1 - 0.999 ** (steps + 1))] as const;
  return adam(training, pixels, ids, np.array(corrections[0]), np.array(corrections[1]));
}

const lossAndGradient = valueAndGrad(contrastiveLoss);

const adam = jit(
  (
    { model, first, second }: Training,
    pixels: np.Array,
    ids: np.Array,
    ofFirst: np.Array,
    ofSecond: np.Array,
  ): [loss: np.Array, next: Training] => {
    const [loss, gradient] = lossAndGradient(tree.ref(model), pixels, ids);
    const m = tree.map(
      (old: np.Array, g: np.Array) => old.mul(0.9).add(g.mul(0.1)),
      first,
      tree.ref(gradient),
    );
    const v = tree.map(
      (old: np.Array, g: np.Array) => old.mul(0.999).add(np.square(g).mul(0.001)),
      second,
      gradient,
    );
    const moved = tree.map(
      (old: np.Array, m: np.Array, v: np.Array) => {
        const deviation = np.sqrt(v.mul(ofSecond.ref)).add(1e-8);
        return old.sub(m.mul(ofFirst.ref).div(deviation).mul(learningRate));
      },
      model,
      tree.ref(m),
      tree.ref(v),
    );
    tree.dispose([ofFirst, ofSecond]);
    return [loss, { model: moved, first: m, second: v }];
  },
);

/** Of logits [n, n] whose right answers are on the diagonal. */
function crossEntropy(logits: np.Array): np.Array {
  const [n = 0] = logits.shape;
  return np.sum(nn.logSoftmax(logits, 1).mul(np.eye(n))).div(-n);
}

/** Cuts [n, height, width, channels] into squares of a side: a row for each of them. */
function windows(pixels: np.Array, side: number): np.Array {
  const [n = 0, height = 0, width = 0, channels = 0] = pixels.shape;
  const cut = pixels.reshape([n, height / side, side, width / side, side * channels]);
  return np.transpose(cut, [0, 1, 3, 2, 4]).reshape([-1, side * side * channels]);
}

function dense(rows: np.Array, { weights, bias }: Layer): np.Array {
  return np.matmul(rows, weights).add(bias);
}

function unit(rows: np.Array): np.Array {
  const length = np.sqrt(np.sum(np.square(rows.ref), 1, { keepdims: true }).add(1e-6));
  return rows.div(length);
}
