import { type Command, InvalidArgumentError } from "commander";
import { packDataset } from "../packing/pack.js";
import type { PackPart } from "../packing/pack-options.js";
import { wrongType } from "../shared/validation.js";
import { type DatasetArguments, openDataset, withDataset } from "./dataset-options.js";
import { parseBytes } from "./parse-bytes.js";
import { parseCount, parseWhole } from "./parse-number.js";
import { withProgress } from "./progress.js";
import { storedProcessor } from "./stored-processor.js";

interface PackArguments extends DatasetArguments {
  out: string;
  size?: number;
  part?: PackPart;
  append?: true;
  fileSize?: number;
  skipBad?: true;
  retries?: number;
  threads?: number;
  json?: true;
}

function parsePart(value: string): PackPart {
  const [, index, of] = /^(\d+|environment)(?:\/(\d+))?$/.exec(value) ?? [];
  const parts = of === undefined ? {} : { of: Number(of) };
  if (index === "environment" && parts.of !== 0) return { index, ...parts };
  if (of !== undefined && Number(index) < Number(of)) return { index: Number(index), ...parts };
  throw new InvalidArgumentError(
    "Expected i/n, with i from 0 to n - 1, such as 0/8; or environment, environment/8.",
  );
}

/** How images are stored: a model's processor says it of those of conversations. */
async function storedImages(given: PackArguments) {
  const { model, size } = given;
  if (model === undefined) return { image: await storedProcessor(given) };
  if (size !== undefined) throw wrongType("--size", "none with --model", size);
  return {};
}

export function addPack(program: Command): void {
  withDataset(program.command("pack"))
    .description("write resized images and tokens as Arrow files, to be read at memory speed")
    .requiredOption(
      "--out <folder>",
      "where they are written: a folder, or s3://BUCKET/PREFIX; what is there already is kept",
    )
    .option("--size <pixels>", "of stored images, larger than wanted for random crops", parseCount)
    .option(
      "--part <i/n>",
      "pack part i of n alone, from 0; the parts are one set; environment/n: i is the number in an array of Slurm or AWS Batch or an indexed job of Kubernetes, else the rank; environment: n, too",
      parsePart,
    )
    .option(
      "--append",
      "as a new version of the set that is there, which was packed in the same way; open readers go on",
    )
    .option("--file-size <bytes>", "of images in a file (default: 512MiB)", parseBytes)
    .option("--skip-bad", "leave out pairs that cannot be read")
    .option(
      "--retries <count>",
      "of a pair that a failing disk, server or lack of memory keeps from being read (default: 4)",
      parseWhole,
    )
    .option(
      "--threads <count>",
      "that prepare images (default: PIXTOK_THREADS, or the cores that the system, Slurm or a container gives)",
      parseCount,
    )
    .option("--json", "print everything as JSON")
    .action(async (source: string[], given: PackArguments) => {
      const { out, part, append, fileSize: fileBytes, skipBad, retries, threads } = given;
      const dataset = await openDataset(source, given, await storedImages(given));
      const result = await withProgress((onProgress) =>
        packDataset(dataset, out, {
          onProgress,
          onError: skipBad ? "skip" : "throw",
          ...(part && { part }),
          ...(append && { append }),
          ...(fileBytes && { fileBytes }),
          ...(retries !== undefined && { retries }),
          ...(threads && { threads }),
        }),
      );
      if (given.json) {
        console.log(JSON.stringify(result, null, 2));
        return;
      }
      const { pairs, files, version, written, kept, errors } = result;
      for (const { message } of errors.list) console.error(`left out: ${message}`);
      console.log(
        `${pairs} pairs in ${written} files, ${kept} files kept, of ${files} in ${version === 1 ? "the set" : `version ${version} of the set`}; ${errors.count} pairs left out`,
      );
    });
}
