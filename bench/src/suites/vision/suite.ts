/** Images taken apart for a language model, beside decoding alone and other libraries: by turns. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataLoader, ImageProcessor, MultimodalDataset } from "pixtok";
import { isUnavailable } from "../../../node/optional-package.js";
import { type ProcessBatch, transformersJsVision } from "../../../node/transformers-js-vision.js";
import { severalTimesOver } from "../../measuring/spread.js";
import { ratioSpread, spreadOf } from "../../measuring/statistics.js";
import { type Turn, takeTurns } from "../../measuring/turns.js";
import { jpegsAmong, prepareDecodeProgram } from "../../programs/decode.js";
import type { DecodeRun } from "../../programs/decoders.js";
import { timeTransformersVision } from "../../programs/transformers-vision.js";
import { bulletList, codeBlock, countOf, environmentLines } from "../../reporting/markdown.js";
import { markdownTable } from "../../reporting/table.js";
import {
  type BatchOptions,
  batchSizeOption,
  type RoundOptions,
  roundsOption,
} from "../../setup/options.js";
import type { Suite } from "../../suite.js";
import { type VisionResults, visionTable } from "./results.js";

type Options = RoundOptions & BatchOptions;

const LOADER = "DataLoader";
const DECODER = "libjpeg-turbo alone";

/** Seconds that libjpeg-turbo works in a turn, at least. */
const DECODING = 1;

/** Images in an epoch of the loader, at least. */
const EPOCH_IMAGES = 1600;

/** Seconds of a turn of what is slow. */
const OTHERS = 4;

/** What takes turns; a rate is in images a second. */
interface Way {
  readonly name: string;
  readonly run: () => Promise<number>;
  readonly rates: number[];
}

const rate = ({ images, seconds }: DecodeRun) => images / seconds;

/** The processor of Qwen2-VL, by its class's defaults. */
async function qwen(): Promise<ImageProcessor> {
  const folder = await mkdtemp(join(tmpdir(), "pixtok-bench-qwen-"));
  try {
    const keys = { image_processor_type: "Qwen2VLImageProcessor" };
    await writeFile(join(folder, "preprocessor_config.json"), JSON.stringify(keys));
    return await ImageProcessor.fromPretrained(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** transformers.js, batch by batch, for so many seconds. */
async function rateOf(
  processBatch: ProcessBatch,
  paths: readonly string[],
  batchSize: number,
  seconds: number,
): Promise<number> {
  const start = performance.now();
  let images = 0;
  for (let first = 0; ; first = (first + batchSize) % paths.length) {
    images += await processBatch(paths.slice(first, first + batchSize));
    const passed = performance.now() - start;
    if (passed >= 1000 * seconds) return (1000 * images) / passed;
  }
}

export const vision: Suite<Options, VisionResults> = {
  name: "vision",
  description:
    "Patches of Qwen2-VL's processor, beside a bare decoder, transformers and transformers.js.",
  options: [roundsOption(5), batchSizeOption(8)],

  async run({ pairs, manifest, python, threads }, { rounds, batchSize }) {
    const jpegs = await jpegsAmong(pairs.map(({ image }) => image));
    const image = await qwen();
    // an epoch that is over soon is mostly its beginning and its end
    const imagePaths = severalTimesOver(jpegs, EPOCH_IMAGES);
    const dataset = new MultimodalDataset({ imagePaths, text: null, image });
    const loader = new DataLoader(dataset, { batchSize, seed: 1, threads });
    const program = await prepareDecodeProgram(jpegs, threads, "rgb");
    const transformers = await timeTransformersVision(jpegs, python, threads, batchSize);
    const transformersJs = await transformersJsVision();

    const ways: Way[] = [];
    const missing: { name: string; why: string }[] = [];
    const add = (name: string, run: Way["run"]) => ways.push({ name, run, rates: [] });
    const timed = (images: number, epoch: () => Promise<void>) => async () => {
      const start = performance.now();
      await epoch();
      return (1000 * images) / (performance.now() - start);
    };
    add(
      LOADER,
      timed(imagePaths.length, async () => {
        for await (const batch of loader) batch.release();
      }),
    );
    add(
      "process(), call by call",
      timed(jpegs.length, async () => {
        for (let first = 0; first < jpegs.length; first += batchSize) {
          await image.process(jpegs.slice(first, first + batchSize));
        }
      }),
    );
    if (isUnavailable(program)) missing.push({ name: DECODER, why: program.unavailable });
    else add(DECODER, async () => rate(await program.run(DECODING)));
    const inTorch = `transformers in torch's DataLoader, ${threads} workers`;
    if (isUnavailable(transformers)) missing.push({ name: inTorch, why: transformers.unavailable });
    else add(inTorch, async () => rate(await transformers.run(OTHERS)));
    if (isUnavailable(transformersJs)) {
      missing.push({ name: "transformers.js", why: transformersJs.unavailable });
    } else add("transformers.js", () => rateOf(transformersJs, jpegs, batchSize, OTHERS));

    const turns = ways.map(({ name, rates, run }): Turn => {
      return { name, run: async () => void rates.push(await run()) };
    });
    try {
      await takeTurns(turns, 1); // to warm up
      for (const { rates } of ways) rates.length = 0;
      await takeTurns(turns, rounds);
    } finally {
      if (!isUnavailable(program)) await program.close();
      if (!isUnavailable(transformers)) await transformers.close();
    }
    const ratesOf = (wanted: string) => ways.find(({ name }) => name === wanted)?.rates;
    const decoding = ratesOf(DECODER);
    return {
      settings: { manifest, images: jpegs.length, batchSize, rounds },
      ways: ways.map(({ name, rates }) => ({
        name,
        rate: spreadOf(rates),
        ofDecoding: decoding === undefined ? null : ratioSpread(rates, decoding),
        loaderIs: ratioSpread(ratesOf(LOADER) ?? rates, rates),
      })),
      missing,
    };
  },

  tables: (results) => [{ table: visionTable(results) }],

  notes: ({ missing }) => missing.map(({ name, why }) => `${name} was not measured: ${why}.`),

  section(results) {
    const { settings, command } = results;
    return [
      "## Images for a language model",
      `Qwen2-VL's processor by its class's defaults, ${settings.images} JPEG files in batches of ${settings.batchSize}: ` +
        "patches in float32, each twice, as a frame of a video has them, which is some seven times what the standard preset " +
        "writes. libjpeg-turbo alone decodes to RGB, on as many threads. transformers has its default processor, on batches of " +
        "Pillow's images in the workers; transformers.js an image a call, a batch's at the same time. Ratios are medians of those within a round, over " +
        `${countOf(settings.rounds, "round")}.`,
      codeBlock(command),
      bulletList([...environmentLines(results), `Images: those in ${settings.manifest}`]),
      markdownTable(visionTable(results)),
    ];
  },
};
