import { DataLoader, MultimodalDataset, type Tokenizer } from "pixtok";
import { createPureJavaScriptPipeline } from "../../bench/src/contenders/pure-javascript.js";
import { imageFormat } from "./image-format.js";
import type { Pair } from "./manifest.js";

const maxLength = 128;
const pureJavaScriptBatchSize = 4;
const copies = 16;
const leastSeconds = 2;

/** The first pairs that pure JavaScript has a decoder for: those with a JPEG or PNG image. */
export async function findComparablePairs(pairs: readonly Pair[], most: number): Promise<Pair[]> {
  const found: Pair[] = [];
  for (const pair of pairs) {
    if (found.length === most) {
      break;
    }
    if ((await imageFormat(pair.image)) !== "other") {
      found.push(pair);
    }
  }
  return found;
}

/** Times pixtok, many times over the pairs for a steady figure. */
export async function timePixtok(
  pairs: readonly Pair[],
  tokenizer: Tokenizer,
  batchSize: number,
): Promise<number> {
  const manyPairs = Array.from({ length: copies }, () => pairs).flat();
  const dataset = new MultimodalDataset({
    imagePaths: manyPairs.map(({ image }) => image),
    texts: manyPairs.map(({ text }) => text),
    tokenizer,
    text: { maxLength },
  });
  const loader = new DataLoader(dataset, { batchSize });

  let rows = 0;
  let seconds = 0;
  while (seconds < leastSeconds) {
    const start = performance.now();
    for await (const batch of loader) {
      rows += batch.indices.length;
      batch.release();
    }
    seconds += (performance.now() - start) / 1000;
  }
  return rows / seconds;
}

/** Times the pure-JavaScript pipeline, once over the pairs after a short warm-up. */
export async function timePureJavaScript(
  pairs: readonly Pair[],
  tokenizerFolder: string,
  report: (pairsDone: number) => void,
): Promise<number> {
  const makeBatch = await createPureJavaScriptPipeline(tokenizerFolder, { maxLength });
  await makeBatch(pairs.slice(0, pureJavaScriptBatchSize));

  const start = performance.now();
  for (let first = 0; first < pairs.length; first += pureJavaScriptBatchSize) {
    const some = pairs.slice(first, first + pureJavaScriptBatchSize);
    await makeBatch(some);
    report(first + some.length);
  }
  return (pairs.length * 1000) / (performance.now() - start);
}
