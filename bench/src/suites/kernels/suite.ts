import { InvalidArgumentError, Option } from "commander";
import { kernelPrograms } from "../../programs/kernels.js";
import { bulletList, codeBlock, countOf, environmentLines } from "../../reporting/markdown.js";
import { markdownTable } from "../../reporting/table.js";
import {
  type RoundOptions,
  roundsOption,
  secondsOption,
  type TimeOptions,
} from "../../setup/options.js";
import type { Suite } from "../../suite.js";
import { FILTERS, kernelCases } from "./cases.js";
import { raceKernels } from "./race.js";
import { type KernelResults, mixedSizes } from "./results.js";
import { kernelNotes, kernelTables } from "./tables.js";

interface Options extends RoundOptions, TimeOptions {
  readonly filters: readonly string[];
}

function parseFilters(value: string): string[] {
  return value.split(",").map((name) => {
    if ((FILTERS as readonly string[]).includes(name)) return name;
    throw new InvalidArgumentError(`Expected some of ${FILTERS.join(",")}.`);
  });
}

export const kernels: Suite<Options, KernelResults> = {
  name: "kernels",
  description: "The resize alone, in microseconds, beside Pillow, OpenCV and fast_image_resize.",
  options: [
    roundsOption(5),
    secondsOption(0.3, "for each case in a round"),
    new Option("--filters <names>", "comma-separated")
      .argParser(parseFilters)
      .default(FILTERS, "all"),
  ],

  async run({ pairs, manifest, python }, { rounds, seconds, filters }) {
    const cases = await kernelCases(pairs, filters);
    return {
      settings: { rounds, seconds, manifest },
      ...(await raceKernels({ programs: kernelPrograms(python), cases, rounds, seconds })),
    };
  },

  tables: (results) => kernelTables(results),

  notes: (results) => kernelNotes(results),

  hasFailed: ({ missing }) => missing.some(({ status }) => status === "failed"),

  section(results) {
    const { settings, command, measurements } = results;
    const notes = kernelNotes(results);
    const mixed = mixedSizes(measurements);
    return [
      "## Kernels",
      "8-bit RGB images in memory, one thread. Medians of " +
        `${countOf(settings.rounds, "round")} of ${settings.seconds} s a case, one program after the other in each. ` +
        "Ratios are medians of the ratios within a round. Filter weights are computed for every image, as " +
        "Pillow, OpenCV and fast_image_resize do; “weights cached” is pixtok as it works, which keeps those of " +
        "the sizes met last. Of OpenCV's filters only INTER_AREA takes all the pixels of a larger image into " +
        "account.",
      codeBlock(command),
      bulletList([
        ...environmentLines(results),
        ...(mixed === undefined
          ? []
          : [`Images as a set has them: ${mixed}, the sizes of some in ${settings.manifest}`]),
      ]),
      ...(notes.length > 0 ? [bulletList(notes)] : []),
      ...kernelTables(results).flatMap(({ title, table }) => [
        `### ${title}`,
        markdownTable(table),
      ]),
    ];
  },
};
