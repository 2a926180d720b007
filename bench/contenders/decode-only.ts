import { execFile } from "node:child_process";
import { access, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { runtimeInfo } from "pixtok";
import type { Contender, Pair } from "../contender.js";

const run = promisify(execFile);
const program = fileURLToPath(new URL("../../build/Release/decode_benchmark", import.meta.url));

// The program reads all files and decodes them once uncounted before it starts its clock.
const EPOCHS_PER_RUN = 3;

interface DecodeReport {
  readonly images: number;
  readonly epochs: readonly { readonly seconds: number }[];
}

async function runProgram(commandLine: readonly string[]): Promise<DecodeReport> {
  try {
    const { stdout } = await run(program, commandLine);
    return JSON.parse(stdout);
  } catch (error) {
    const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
    throw new Error(said || String(error));
  }
}

async function isJpeg({ image }: Pair): Promise<boolean> {
  const file = await open(image);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer[0] === 0xff && buffer[1] === 0xd8;
  } finally {
    await file.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

export const decodeOnly: Contender = {
  name: "decode-only",
  description:
    "libjpeg-turbo alone, JPEG files in memory to RGB, as many threads as pixtok: the speed limit",
  exact: false,
  output: "rate",
  async setUp(pairs) {
    const { decoder, threads } = runtimeInfo();
    const { library } = decoder;
    if (!library) return { unavailable: "pixtok found no libjpeg-turbo library to open" };
    if (!(await exists(program))) return { unavailable: "decode_benchmark has not been built" };

    const jpegs: string[] = [];
    for (const pair of pairs) {
      if (await isJpeg(pair)) jpegs.push(pair.image);
    }
    if (jpegs.length === 0) return { unavailable: "none of the pictures is a JPEG" };

    const folder = await mkdtemp(join(tmpdir(), "pixtok-bench-list-"));
    const list = join(folder, "pictures.txt");
    await writeFile(list, `${jpegs.join("\n")}\n`);
    const flags = { library, threads, epochs: EPOCHS_PER_RUN, list };
    const commandLine = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, `${value}`]);

    return {
      async runEpoch() {
        const report = await runProgram(commandLine);
        return {
          pairs: report.images * report.epochs.length,
          seconds: report.epochs.reduce((sum, epoch) => sum + epoch.seconds, 0),
        };
      },
      async close() {
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
};
