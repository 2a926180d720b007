import { mkdir, writeFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { DataLoader, MultimodalDataset, showBatch, Tokenizer } from "pixtok";
import { checkAlignment } from "./alignment.js";
import { findComparablePairs, timePixtok, timePureJavaScript } from "./comparison.js";
import {
  describeAlignment,
  describeBatch,
  describeEpoch,
  describePairs,
  describeRuntime,
  describeSpeeds,
} from "./descriptions.js";
import { type Epoch, runEpoch, takeFirstBatch } from "./epochs.js";
import { type Pair, readManifest } from "./manifest.js";
import { type DemoOptions, readOptions } from "./options.js";
import { withProgress } from "./progress.js";
import { formatRate, printBlankLine, printSection } from "./report.js";
import { drawScenes } from "./scenes.js";
import { makeTemporaryFolder } from "./temporary-folder.js";

const mostComparedPairs = 64;

/** @returns whether every row was aligned */
async function runDemo(options: DemoOptions): Promise<boolean> {
  printBlankLine();
  printSection("pixtok", describeRuntime());
  const pairs = await findPairs(options);
  const origin = options.manifest ?? `scenes drawn from seed ${options.seed}`;
  printSection("pairs", `${describePairs(pairs)} from ${origin}`);
  const tokenizer = await Tokenizer.fromPretrained(options.tokenizer);
  printSection("tokenizer", relative("", options.tokenizer));
  printBlankLine();

  const dataset = new MultimodalDataset({
    imagePaths: pairs.map(({ image }) => image),
    texts: pairs.map(({ text }) => text),
    tokenizer,
  });
  const { batchSize, seed } = options;
  const makeLoader = () => new DataLoader(dataset, { batchSize, seed, shuffle: true });

  const firstBatch = await takeFirstBatch(makeLoader());
  printSection("batch", ...describeBatch(firstBatch));
  printBlankLine();

  const loader = makeLoader();
  const epochs: Epoch[] = [];
  for (let number = 0; number < options.epochs; number += 1) {
    const label = `epoch ${number}`;
    const epoch = await withProgress(label, pairs.length, (report) => runEpoch(loader, report));
    printSection(label, ...describeEpoch(epoch));
    epochs.push(epoch);
  }
  printBlankLine();

  const alignment = await withProgress("alignment", pairs.length, (report) =>
    checkAlignment(dataset, makeLoader(), epochs[0]?.order ?? [], report),
  );
  printSection("alignment", ...describeAlignment(alignment));
  printBlankLine();

  printSection("speed", ...(await compareSpeed(pairs, tokenizer, options)));
  printBlankLine();

  const page = resolve(options.page);
  await mkdir(dirname(page), { recursive: true });
  await writeFile(page, await showBatch(firstBatch));
  firstBatch.release();
  printSection("page", "the first batch, turned back to images and texts:", page);
  printBlankLine();
  return alignment.problems.length === 0;
}

async function findPairs({ manifest, count, seed }: DemoOptions): Promise<Pair[]> {
  if (manifest !== undefined) {
    return readManifest(manifest);
  }
  const folder = makeTemporaryFolder("pixtok-demo-");
  return withProgress("drawing", count, (onProgress) =>
    drawScenes(folder, { count, seed, onProgress }),
  );
}

async function compareSpeed(
  allPairs: readonly Pair[],
  tokenizer: Tokenizer,
  options: DemoOptions,
): Promise<string[]> {
  const pairs = await findComparablePairs(allPairs, mostComparedPairs);
  if (pairs.length === 0) {
    return ["not compared: pure JavaScript reads JPEG and PNG only, and there are none"];
  }
  const pixtok = await timePixtok(pairs, tokenizer, options.batchSize);
  let pureJavaScript: number;
  try {
    pureJavaScript = await withProgress("pure JS", pairs.length, (report) =>
      timePureJavaScript(pairs, options.tokenizer, report),
    );
  } catch (error) {
    return [formatRate(pixtok), `pure JavaScript cannot do these pairs: ${messageOf(error)}`];
  }
  return [
    ...describeSpeeds(pixtok, pureJavaScript),
    `same pairs for both: ${pairs.length}, JPEG and PNG (WebP has no pure-JavaScript decoder)`,
  ];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

try {
  const aligned = await runDemo(readOptions());
  process.exitCode = aligned ? 0 : 1;
} catch (error) {
  process.stderr.write(`\ndemo: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
