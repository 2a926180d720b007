import type { Command } from "commander";
import { computeStats, type DatasetStats } from "../analysis/dataset-stats.js";
import { saveFile } from "../shared/save-file.js";
import { statsPage } from "../show/stats-page.js";
import {
  type DatasetArguments,
  openDataset,
  type SampleArguments,
  withDataset,
  withSamples,
} from "./dataset-options.js";
import { withProgress } from "./progress.js";

interface StatsArguments extends DatasetArguments, SampleArguments {
  html?: string;
  json?: true;
}

function summary(stats: DatasetStats): string {
  const { pairs, pixels, mean, std, errors, warning, configuration } = stats;
  const numbers = (values: readonly number[]) => values.map((value) => value.toFixed(6)).join("  ");
  const rows = [
    ["pairs", `${pairs}${errors.count > 0 ? `, and ${errors.count} that cannot be read` : ""}`],
    ["pixels", `${pixels}`],
    ["mean", numbers(mean)],
    ["std", numbers(std)],
  ] as const;
  return [
    ...rows.map(([name, value]) => `${name.padEnd(8)}${value}`),
    "",
    ...(warning === null ? ["mean and std of the processor fit"] : [`warning: ${warning}`]),
    "",
    configuration,
  ].join("\n");
}

export function addStats(program: Command): void {
  withSamples(withDataset(program.command("stats")))
    .description("mean, standard deviation and histograms of pixels and token lengths")
    .option("--html <file>", "write a page with the histograms")
    .option("--json", "print everything as JSON")
    .action(async (source: string[], given: StatsArguments) => {
      const dataset = await openDataset(source, given);
      const { samples, seed } = given;
      const stats = await withProgress((onProgress) =>
        computeStats(dataset, { seed, onProgress, ...(samples !== undefined && { samples }) }),
      );
      console.log(given.json ? JSON.stringify(stats, null, 2) : summary(stats));
      // afterwards: what has been counted is said, whatever becomes of the file
      if (given.html !== undefined) await saveFile(given.html, statsPage(stats));
    });
}
