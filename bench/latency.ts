/** What one picture costs somebody who serves: processed alone, one after the other. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { ImageProcessor } from "pixtok";
import { parsePositiveInteger } from "./command-line.js";
import { jpegsAmong, prepareDecodeProgram } from "./decode-program.js";
import { type LatencyResults, latencyTable } from "./latency-results.js";
import { DRAWN_LABEL, drawPairs, readManifest } from "./pairs.js";
import { publicCommand, publicPath } from "./public-text.js";
import { installedPython } from "./python-interpreter.js";
import { writeResults } from "./results-files.js";
import { writeResultsPage } from "./results-page.js";
import { spreadOf } from "./statistics.js";
import { describeSurroundings } from "./surroundings.js";
import { plainTable } from "./table.js";

const SHARED_MANIFEST = fileURLToPath(new URL("../../shared/data/manifest.jsonl", import.meta.url));

const options = new Command("npm run bench:latency --")
  .description("Times pixtok on one picture at a time, beside libjpeg-turbo alone on one thread.")
  .option("--manifest <file.jsonl>", 'lines of {"image": path, "text": string}')
  .option("--rounds <count>", "measurements", parsePositiveInteger, 9)
  .parse()
  .opts<{ manifest?: string; rounds: number }>();
const manifest = options.manifest ?? (existsSync(SHARED_MANIFEST) ? SHARED_MANIFEST : undefined);

async function meanMilliseconds<T>(
  inputs: readonly T[],
  work: (input: T) => Promise<unknown>,
): Promise<number> {
  const start = performance.now();
  for (const input of inputs) await work(input);
  return (performance.now() - start) / inputs.length;
}

const list = manifest === undefined ? await drawPairs() : await readManifest(manifest);
try {
  const paths = await jpegsAmong(list.pairs.map(({ image }) => image));
  const files = await Promise.all(paths.map((path) => readFile(path)));
  const program = await prepareDecodeProgram(paths, 1);
  if ("unavailable" in program) throw new Error(program.unavailable);
  const processor = ImageProcessor.standard();
  const ways = [
    {
      name: "process(buffer)",
      run: () => meanMilliseconds(files, (file) => processor.process(file)),
    },
    {
      name: "process(path)",
      run: () => meanMilliseconds(paths, (path) => processor.process(path)),
    },
  ].map((way) => ({ ...way, rounds: [] as number[] }));
  const decode: number[] = [];
  for (const way of ways) await way.run(); // to warm up
  for (let round = 0; round < options.rounds; round += 1) {
    process.stderr.write(`round ${round + 1} of ${options.rounds}\n`);
    const { images, epochs } = await program.run(1);
    decode.push(((epochs[0]?.seconds ?? Number.NaN) * 1000) / images);
    // Another one goes first each round: the program has left the caches to nobody.
    for (let place = 0; place < ways.length; place += 1) {
      const way = ways[(round + place) % ways.length];
      way?.rounds.push(await way.run());
    }
  }
  await program.close();

  const results: LatencyResults = {
    ...(await describeSurroundings(installedPython())),
    command: publicCommand("bench:latency"),
    settings: {
      manifest: manifest === undefined ? DRAWN_LABEL : publicPath(manifest),
      pictures: paths.length,
      rounds: options.rounds,
    },
    decode,
    ways: ways.map(({ name, rounds }) => ({
      name,
      rounds,
      milliseconds: spreadOf(rounds),
      beyondDecode: spreadOf(rounds.map((time, round) => time - (decode[round] ?? Number.NaN))),
    })),
  };
  process.stdout.write(`\n${plainTable(latencyTable(results))}\n`);
  const file = await writeResults("latency", results);
  process.stdout.write(`\nwritten to ${publicPath(file)}\n`);
  await writeResultsPage();
} finally {
  await list.dispose();
}
