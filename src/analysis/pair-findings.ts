import type { DatasetPipeline } from "../dataset/dataset-pipeline.js";
import { pictureMeasurer } from "../dataset/measured-pictures.js";
import { listOfImages, type PairImage } from "../dataset/multiple-images.js";
import type { ReadPair } from "../dataset/pair-reader.js";
import { readEach } from "../dataset/read-results.js";
import { type ImageFacts, imageFacts } from "../image/decode/image-facts.js";
import { faultOfSample, ImageFault } from "../image/decode/image-fault.js";
import { allDone } from "../shared/all-done.js";
import { errorOfSample } from "../shared/error-of-sample.js";
import { PixtokError } from "../shared/errors.js";
import { isMachineFault, machineFault, throwMachineFault } from "../shared/machine-fault.js";
import { plainContext, type SignalledContext, whileKept } from "../shared/sample-context.js";
import { type SampleError, sampleError, sampleErrorsInOrder } from "../shared/sample-error.js";
import type { TextMeasure } from "../text/text-measure.js";
import { measuresOf } from "./text-measures.js";

/** What is known of a few pairs. */
interface Findings {
  errors: SampleError[];
  good: { pair: ReadPair; images: readonly ImageFacts[]; text: TextMeasure | null }[];
}

async function factsOf({ image, source }: PairImage, index: number): Promise<ImageFacts> {
  const origin = { index, source };
  try {
    return await imageFacts(image);
  } catch (cause) {
    const fault = machineFault(cause, origin);
    if (fault !== null) throw fault;
    // of a file that is another one, or gone, since its batch was made
    if (cause instanceof ImageFault) throw faultOfSample(cause, origin);
    if (cause instanceof PixtokError) throw errorOfSample(cause, origin);
    throw new PixtokError("FILE_UNREADABLE", (cause as Error).message, { ...origin, cause });
  }
}

/** Facts of a pair's images, or what is wrong with the first bad one. */
async function factsOrError({ images, index }: ReadPair): Promise<ImageFacts[] | PixtokError> {
  try {
    const facts: ImageFacts[] = [];
    for (const image of listOfImages(images)) facts.push(await factsOf(image, index));
    return facts;
  } catch (error) {
    if (error instanceof PixtokError && !isMachineFault(error)) return error;
    throw error;
  }
}

/** Looks at pairs one by one; `prepare` says whether one becomes a row. */
export async function inspect(
  dataset: DatasetPipeline,
  indices: readonly number[],
  prepare: (index: number, signal: AbortSignal) => Promise<PixtokError | null>,
  signal: AbortSignal,
): Promise<Findings> {
  return whileKept(plainContext(signal), (context) =>
    inspectKept(dataset, indices, prepare, context),
  );
}

async function inspectKept(
  dataset: DatasetPipeline,
  indices: readonly number[],
  prepare: (index: number, signal: AbortSignal) => Promise<PixtokError | null>,
  context: SignalledContext,
): Promise<Findings> {
  const { signal } = context;
  const { pictures } = dataset.image;
  const isMeasured = dataset.text?.lengthOf !== undefined && pictures !== null;
  const measure = isMeasured ? pictureMeasurer(pictures, undefined, context) : undefined;
  const readOne = async (index: number) => {
    const pair = await dataset.pairs.read(index, context);
    return measure === undefined ? pair : measure(pair);
  };
  const { pairs, failures } = await readEach(indices, readOne, signal);
  throwMachineFault(failures);
  const errors = failures.map(({ index, error }) => sampleError(index, error));
  const texts = await measuresOf(dataset, pairs);
  const images = await allDone(
    pairs.map(async (pair) => (await prepare(pair.index, signal)) ?? factsOrError(pair)),
  );
  const findings: Findings = { errors, good: [] };
  for (const [row, pair] of pairs.entries()) {
    const facts = images[row] as ImageFacts[] | PixtokError;
    if (facts instanceof PixtokError) findings.errors.push(sampleError(pair.index, facts));
    else findings.good.push({ pair, images: facts, text: texts?.[row] ?? null });
  }
  return { ...findings, errors: sampleErrorsInOrder(indices, findings.errors) };
}
