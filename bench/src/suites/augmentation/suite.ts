/** What augmentation takes of the loader's rate: epochs with each kind, in one process. */
import { type AugmentationOptions, DataLoader, MultimodalDataset } from "pixtok";
import { ratioSpread, spreadOf } from "../../measuring/statistics.js";
import { type Turn, takeTurns } from "../../measuring/turns.js";
import { bulletList, codeBlock, countOf, environmentLines } from "../../reporting/markdown.js";
import { markdownTable } from "../../reporting/table.js";
import {
  type BatchOptions,
  batchSizeOption,
  type RoundOptions,
  roundsOption,
} from "../../setup/options.js";
import type { Suite } from "../../suite.js";
import { type AugmentationResults, augmentationTable } from "./results.js";

type Options = RoundOptions & BatchOptions;

const crop: AugmentationOptions = { randomResizedCrop: {}, horizontalFlip: 0.5 };
const jitter = { brightness: 0.8, contrast: 0.8, saturation: 0.8, hue: 0.2 };

const kinds: Readonly<Record<string, AugmentationOptions | null>> = {
  none: null,
  "crop and flip": crop,
  trivialAugment: { ...crop, trivialAugment: {} },
  randAugment: { ...crop, randAugment: {} },
  autoAugment: { ...crop, autoAugment: {} },
  colorJitter: { ...crop, colorJitter: jitter },
  gaussianBlur: { ...crop, gaussianBlur: { kernelSize: 23 } },
  "randomRotation, bilinear": { ...crop, randomRotation: { degrees: 30, filter: "bilinear" } },
  "randomErasing to random values": { ...crop, randomErasing: { value: "random" } },
};

export const augmentation: Suite<Options, AugmentationResults> = {
  name: "augmentation",
  description: "Epochs with each kind of augmentation, against epochs without.",
  options: [roundsOption(7), batchSizeOption()],

  async run({ pairs, manifest, threads }, { rounds, batchSize }) {
    const imagePaths = pairs.map(({ image }) => image);
    const ways = Object.entries(kinds).map(([name, options]) => ({
      name,
      loader: new DataLoader(
        new MultimodalDataset({
          imagePaths,
          text: null,
          ...(options && { augmentation: options }),
        }),
        { batchSize, seed: 1, threads },
      ),
      rates: [] as number[],
    }));
    const turnOf = ({ name, loader, rates }: (typeof ways)[number]): Turn => ({
      name,
      async run() {
        const start = performance.now();
        for await (const batch of loader) batch.release();
        rates.push((1000 * imagePaths.length) / (performance.now() - start));
      },
    });
    await takeTurns(ways.map(turnOf), 1); // to warm up
    for (const { rates } of ways) rates.length = 0;
    await takeTurns(ways.map(turnOf), rounds);
    const plain = ways[0]?.rates ?? [];
    return {
      settings: { manifest, images: imagePaths.length, batchSize, rounds },
      ways: ways.map(({ name, rates }) => ({
        name,
        rate: spreadOf(rates),
        ofPlain: ratioSpread(rates, plain),
      })),
    };
  },

  tables: (results) => [{ table: augmentationTable(results) }],

  notes: () => [],

  section(results) {
    const { settings, command } = results;
    return [
      "## Augmentation",
      `Epochs of the standard preset without texts, ${settings.images} images in batches of ${settings.batchSize}, ` +
        "with each kind of augmentation; the second row and those below it also crop and flip. Ratios are medians of " +
        `those within a round, over ${countOf(settings.rounds, "round")}.`,
      codeBlock(command),
      bulletList([...environmentLines(results), `Images: those in ${settings.manifest}`]),
      markdownTable(augmentationTable(results)),
    ];
  },
};
