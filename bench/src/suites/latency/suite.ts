/** What one image costs somebody who serves: processed alone, one after the other. */
import { readFile } from "node:fs/promises";
import { ImageProcessor } from "pixtok";
import { spreadOf } from "../../measuring/statistics.js";
import { type Turn, takeTurns } from "../../measuring/turns.js";
import { type DecodeOutput, jpegsAmong, prepareDecodeProgram } from "../../programs/decode.js";
import { bulletList, codeBlock, countOf, environmentLines } from "../../reporting/markdown.js";
import { markdownTable } from "../../reporting/table.js";
import { type RoundOptions, roundsOption } from "../../setup/options.js";
import type { Suite } from "../../suite.js";
import { type LatencyResults, latencyTable } from "./results.js";

/** What is timed: a way of pixtok's, or a baseline. */
interface Candidate {
  readonly name: string;
  /** Milliseconds an image. */
  time(): Promise<number>;
  readonly rounds: number[];
}

async function meanMilliseconds<T>(
  inputs: readonly T[],
  work: (input: T) => Promise<unknown>,
): Promise<number> {
  const start = performance.now();
  for (const input of inputs) await work(input);
  return (performance.now() - start) / inputs.length;
}

async function ownWays(paths: readonly string[]): Promise<Candidate[]> {
  const files = await Promise.all(paths.map((path) => readFile(path)));
  const processor = ImageProcessor.standard();
  return [
    {
      name: "process(buffer)",
      time: () => meanMilliseconds(files, (file) => processor.process(file)),
      rounds: [],
    },
    {
      name: "process(path)",
      time: () => meanMilliseconds(paths, (path) => processor.process(path)),
      rounds: [],
    },
  ];
}

async function prepareBaseline(name: string, paths: readonly string[], output: DecodeOutput) {
  const program = await prepareDecodeProgram(paths, 1, output);
  if ("unavailable" in program) throw new Error(program.unavailable);
  const candidate: Candidate = {
    name,
    async time() {
      const { images, seconds } = await program.run(0);
      return (1000 * seconds) / images;
    },
    rounds: [],
  };
  return { candidate, close: () => program.close() };
}

function turnOf(candidate: Candidate): Turn {
  return {
    name: candidate.name,
    async run() {
      candidate.rounds.push(await candidate.time());
    },
  };
}

const summary = ({ name, rounds }: Candidate) => ({ name, rounds, milliseconds: spreadOf(rounds) });

export const latency: Suite<RoundOptions, LatencyResults> = {
  name: "latency",
  description: "One image at a time, as somebody who serves has them, beside decoding alone.",
  options: [roundsOption(9)],

  async run({ pairs, manifest }, { rounds }) {
    const paths = await jpegsAmong(pairs.map(({ image }) => image));
    const baselines = [
      await prepareBaseline("decode-only", paths, "rgb"),
      await prepareBaseline("decode-planes", paths, "planes"),
    ];
    const ways = await ownWays(paths);
    try {
      for (const way of ways) await way.time(); // to warm up
      const candidates = [...baselines.map(({ candidate }) => candidate), ...ways];
      await takeTurns(candidates.map(turnOf), rounds);
    } finally {
      for (const { close } of baselines) await close();
    }
    const beyond = (way: Candidate) =>
      Object.fromEntries(
        baselines.map(({ candidate }) => [
          candidate.name,
          spreadOf(way.rounds.map((time, round) => time - (candidate.rounds[round] ?? Number.NaN))),
        ]),
      );
    return {
      settings: { manifest, images: paths.length, rounds },
      baselines: baselines.map(({ candidate }) => summary(candidate)),
      ways: ways.map((way) => ({ ...summary(way), beyond: beyond(way) })),
    };
  },

  tables: (results) => [{ table: latencyTable(results) }],

  notes: () => [],

  section(results) {
    const { settings, command } = results;
    return [
      "## Latency",
      `The standard preset on one image at a time, ${settings.images} of them one after the other; what ` +
        "libjpeg-turbo alone takes for them on one thread, files in memory, is subtracted: decode-only is to " +
        "RGB, with its own upsampling and colour conversion, decode-planes to the planes that the files store. " +
        `Medians of ${countOf(settings.rounds, "round")}.`,
      codeBlock(command),
      bulletList([...environmentLines(results), `Images: those in ${settings.manifest}`]),
      markdownTable(latencyTable(results)),
    ];
  },
};
