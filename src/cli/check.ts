import type { Command } from "commander";
import { formatCheck } from "../analysis/check-format.js";
import { checkDataset } from "../analysis/dataset-check.js";
import {
  type DatasetArguments,
  openDataset,
  type SampleArguments,
  withDataset,
  withSamples,
} from "./dataset-options.js";
import { parseCount } from "./parse-number.js";
import { withProgress } from "./progress.js";

interface CheckArguments extends DatasetArguments, SampleArguments {
  random?: true;
  batchSize: number;
  json?: true;
}

export function addCheck(program: Command): void {
  withSamples(withDataset(program.command("check")))
    .description(
      "take pairs through the whole pipeline and say what is wrong; code 1 if anything is",
    )
    .option("--random", "random pairs instead of the first ones")
    .option("--batch-size <count>", "pairs in a batch", parseCount, 32)
    .option("--json", "print everything as JSON")
    .action(async (source: string[], given: CheckArguments) => {
      const dataset = await openDataset(source, given);
      const { samples, seed, random, batchSize } = given;
      const report = await withProgress((onProgress) =>
        checkDataset(dataset, {
          seed,
          batchSize,
          onProgress,
          ...(random && { random }),
          ...(samples !== undefined && { samples }),
        }),
      );
      console.log(given.json ? JSON.stringify(report, null, 2) : formatCheck(report).trimEnd());
      if (!report.ok) process.exitCode = 1;
    });
}
