import { extname } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { saveFile } from "../shared/save-file.js";
import type { BoxFormat } from "../show/boxes.js";
import { contactSheet } from "../show/contact-sheet.js";
import { showDataset } from "../show/show-dataset.js";
import type { ShowDatasetOptions, ShownAugmentation } from "../show/show-options.js";
import {
  type DatasetArguments,
  openDataset,
  type SampleArguments,
  withDataset,
  withSamples,
} from "./dataset-options.js";
import { parseAugment } from "./parse-augment.js";
import { parseBoxes } from "./parse-boxes.js";
import { parseCount, parseWhole } from "./parse-number.js";
import { withProgress } from "./progress.js";

interface ShowArguments extends DatasetArguments, SampleArguments {
  random?: true;
  augment?: readonly ShownAugmentation[];
  draws?: number;
  boxes?: Readonly<Record<string, BoxFormat>>;
  statsSamples?: number;
  out: string;
  json?: true;
}

/** How each kind of file is made. */
const makers = { ".html": showDataset, ".htm": showDataset, ".png": contactSheet } as const;

function isKnown(extension: string): extension is keyof typeof makers {
  return Object.hasOwn(makers, extension);
}

function parseOut(value: string): string {
  if (isKnown(extname(value).toLowerCase())) return value;
  throw new InvalidArgumentError("Expected a file that ends in .html or .png.");
}

export function addShow(program: Command): void {
  withSamples(withDataset(program.command("show")))
    .description(
      "write a page with pairs as the model gets them beside what they are made of, or a contact sheet; texts have no tokens without a tokenizer",
    )
    .option("--random", "random pairs instead of the first ones")
    .option(
      "--augment <options>",
      'draws of an augmentation below each image, such as "randomResizedCrop,horizontalFlip:0.5", or of clip, simclr or deit, and what differs from them ("simclr,horizontalFlip:0"); may be given several times',
      parseAugment,
    )
    .option("--draws <count>", "of each augmentation (default: 4)", parseCount)
    .option(
      "--boxes <list>",
      "what the numbers of columns of boxes are, such as box:xyxy; of xyxy, xywh, cxcywh (default: what fits)",
      parseBoxes,
    )
    .option(
      "--stats-samples <count>",
      "pairs that the statistics are of; 0: none (default: 1000)",
      parseWhole,
    )
    .option("--out <file>", "a page (.html) or a contact sheet (.png)", parseOut, "page.html")
    .option("--json", "print where it is, and its bytes, as JSON")
    .action(async (source: string[], given: ShowArguments) => {
      const { samples, seed, random, augment, draws, boxes, statsSamples, out } = given;
      const dataset = await openDataset(source, given, {
        tokenizerMayBeMissing: true,
        allColumns: true,
      });
      const options: ShowDatasetOptions = {
        seed,
        ...(random && { random }),
        ...(samples !== undefined && { samples }),
        ...(augment !== undefined && { augmentations: augment }),
        ...(draws !== undefined && { draws }),
        ...(boxes !== undefined && { boxes }),
        ...(statsSamples !== undefined && { statsSamples }),
      };
      const make = makers[extname(out).toLowerCase() as keyof typeof makers];
      const made = await withProgress<string | Uint8Array>((onProgress) =>
        make(dataset, { ...options, onProgress }),
      );
      await saveFile(out, made);
      const written = { file: out, bytes: Buffer.byteLength(made) };
      console.log(given.json ? JSON.stringify(written, null, 2) : out);
    });
}
