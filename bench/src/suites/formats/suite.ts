/** JPEG, PNG and WebP: pixtok beside bare decoders, by quality and size, and the loader over sets of each. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Option } from "commander";
import { jpegsAmong } from "../../programs/decode.js";
import { decoders } from "../../programs/decoders.js";
import { bulletList, codeBlock, countOf, environmentLines } from "../../reporting/markdown.js";
import { markdownTable } from "../../reporting/table.js";
import {
  parsePositiveInteger,
  parsePositiveNumber,
  type RoundOptions,
  roundsOption,
  secondsOption,
  type TimeOptions,
} from "../../setup/options.js";
import type { Suite } from "../../suite.js";
import { decodeCases } from "./cases.js";
import { raceLoader } from "./loader.js";
import { candidatesOf, raceDecoders } from "./race.js";
import type { FormatResults } from "./results.js";
import { decodingTables, formatNotes, loaderTable } from "./tables.js";

interface Options extends RoundOptions, TimeOptions {
  readonly images: number;
  readonly megapixels: readonly number[];
}

export const formats: Suite<Options, FormatResults> = {
  name: "formats",
  description: "JPEG, PNG and WebP by quality and size, beside bare decoders.",
  options: [
    roundsOption(5),
    secondsOption(0.5, "shortest time of a case in a round"),
    new Option("--images <count>", "photos that are encoded anew")
      .argParser(parsePositiveInteger)
      .default(32),
    new Option("--megapixels <sizes>", "comma-separated, of one image each")
      .argParser((value) => value.split(",").map(parsePositiveNumber))
      .default([0.1, 1, 4, 12, 50], "0.1,1,4,12,50"),
  ],

  async run(setup, { rounds, seconds, images, megapixels }) {
    const folder = await mkdtemp(join(tmpdir(), "pixtok-bench-formats-"));
    try {
      const { manifest, python, threads } = setup;
      const jpegs = new Set(await jpegsAmong(setup.pairs.map(({ image }) => image)));
      const pairs = setup.pairs.filter(({ image }) => jpegs.has(image));
      const cases = await decodeCases([...jpegs], images, megapixels, folder);
      const candidates = candidatesOf(decoders(python), cases);
      const decoding = await raceDecoders(candidates, rounds, seconds);
      const loader = await raceLoader(setup, pairs, folder, rounds, seconds);
      return {
        settings: { manifest, images, pairs: pairs.length, threads, rounds, seconds },
        decoding,
        loader,
        missing: candidates.flatMap(({ missing }) => missing ?? []),
      };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },

  tables: (results) => [{ table: loaderTable(results) }, ...decodingTables(results)],

  notes: (results) => formatNotes(results),

  hasFailed: ({ missing }) => missing.some(({ status }) => status === "failed"),

  section(results) {
    const { settings, command } = results;
    const notes = formatNotes(results);
    return [
      "## Formats",
      `The loader over ${settings.pairs} pairs whose images are encoded anew, beside decoders alone on as many ` +
        "threads; then, on one thread, pixtok's whole work on images in memory (decoded, resized and normalized by " +
        "the standard preset) beside decoders alone. Photos are encoded anew by sharp; an image of a size is a mosaic " +
        `of them. Medians of ${countOf(settings.rounds, "round")} of at least ${settings.seconds} s; ratios are ` +
        "medians of those within a round.",
      codeBlock(command),
      bulletList([
        ...environmentLines(results),
        `Images: ${settings.images} and ${settings.pairs} of ${settings.manifest}; threads of the loader: ${settings.threads}`,
      ]),
      ...(notes.length > 0 ? [bulletList(notes)] : []),
      markdownTable(loaderTable(results)),
      "“baseline” is pixtok's own decoder of baseline JPEG alone, to the planes that a file stores, as " +
        "libjpeg-turbo-planes; all others decode to RGB. The crates png and image-webp give RGBA where a file has " +
        "alpha.",
      ...decodingTables(results).flatMap(({ title, table }) => [
        `### ${title}`,
        markdownTable(table),
      ]),
    ];
  },
};
