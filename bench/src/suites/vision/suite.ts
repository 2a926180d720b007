/** Images taken apart for a language model, beside decoding alone: in one process, by turns. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataLoader, ImageProcessor, MultimodalDataset } from "pixtok";
import { ratioSpread, spreadOf } from "../../measuring/statistics.js";
import { type Turn, takeTurns } from "../../measuring/turns.js";
import { jpegsAmong, prepareDecodeProgram } from "../../programs/decode.js";
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

/** Seconds that libjpeg-turbo works in a turn, at least. */
const DECODING = 0.5;

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

export const vision: Suite<Options, VisionResults> = {
  name: "vision",
  description: "Patches of Qwen2-VL's processor by loader and by process(), beside a bare decoder.",
  options: [roundsOption(7), batchSizeOption(8)],

  async run({ pairs, manifest, threads }, { rounds, batchSize }) {
    const jpegs = await jpegsAmong(pairs.map(({ image }) => image));
    const image = await qwen();
    const dataset = new MultimodalDataset({ imagePaths: jpegs, text: null, image });
    const loader = new DataLoader(dataset, { batchSize, seed: 1, threads });
    const program = await prepareDecodeProgram(jpegs, threads, "rgb");
    const isThere = !("unavailable" in program);

    const ways: { name: string; rates: number[]; run: () => Promise<number> }[] = [];
    /** @param epoch gives images a second. */
    const add = (name: string, run: () => Promise<number>) => ways.push({ name, rates: [], run });
    const timed = (epoch: () => Promise<void>) => async () => {
      const start = performance.now();
      await epoch();
      return (1000 * jpegs.length) / (performance.now() - start);
    };
    if (isThere) {
      add("libjpeg-turbo alone", async () => {
        const { images, seconds } = await program.run(DECODING);
        return images / seconds;
      });
    }
    add(
      "DataLoader",
      timed(async () => {
        for await (const batch of loader) batch.release();
      }),
    );
    add(
      "process(), call by call",
      timed(async () => {
        for (let first = 0; first < jpegs.length; first += batchSize) {
          await image.process(jpegs.slice(first, first + batchSize));
        }
      }),
    );

    const turns = ways.map(({ name, rates, run }): Turn => {
      return { name, run: async () => void rates.push(await run()) };
    });
    try {
      await takeTurns(turns, 1); // to warm up
      for (const { rates } of ways) rates.length = 0;
      await takeTurns(turns, rounds);
    } finally {
      if (isThere) await program.close();
    }
    const decoding = isThere ? (ways[0]?.rates ?? []) : null;
    return {
      settings: { manifest, images: jpegs.length, batchSize, rounds },
      ways: ways.map(({ name, rates }) => ({
        name,
        rate: spreadOf(rates),
        ofDecoding: decoding && ratioSpread(rates, decoding),
      })),
      unavailable: isThere ? null : program.unavailable,
    };
  },

  tables: (results) => [{ table: visionTable(results) }],

  notes: ({ unavailable }) =>
    unavailable === null ? [] : [`libjpeg-turbo alone was not measured: ${unavailable}.`],

  section(results) {
    const { settings, command } = results;
    return [
      "## Images for a language model",
      `Qwen2-VL's processor by its class's defaults, ${settings.images} JPEG files in batches of ${settings.batchSize}: ` +
        "patches in float32, each twice, as a frame of a video has them, which is some seven times what the standard preset " +
        "writes. Ratios to libjpeg-turbo alone, to RGB on as many threads, are medians of those within a round, over " +
        `${countOf(settings.rounds, "round")}.`,
      codeBlock(command),
      bulletList([...environmentLines(results), `Images: those in ${settings.manifest}`]),
      markdownTable(visionTable(results)),
    ];
  },
};
