import { execFile } from "node:child_process";
import { access, mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { runtimeInfo } from "pixtok";

const run = promisify(execFile);
const program = fileURLToPath(new URL("../build/Release/decode_benchmark", import.meta.url));

interface DecodeReport {
  readonly images: number;
  readonly epochs: readonly { readonly seconds: number }[];
}

/** libjpeg-turbo alone, over a list of files that it has in memory. */
export interface DecodeProgram {
  run(epochs: number): Promise<DecodeReport>;
  close(): Promise<void>;
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

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function isJpeg(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer[0] === 0xff && buffer[1] === 0xd8;
  } finally {
    await file.close();
  }
}

export async function jpegsAmong(paths: readonly string[]): Promise<string[]> {
  const jpegs: string[] = [];
  for (const path of paths) if (await isJpeg(path)) jpegs.push(path);
  return jpegs;
}

/**
 * Each run reads all files and decodes them once uncounted before it starts its clock.
 *
 * @returns why it cannot be run, where it cannot.
 */
export async function prepareDecodeProgram(
  jpegs: readonly string[],
  threads: number,
): Promise<DecodeProgram | { unavailable: string }> {
  const { library } = runtimeInfo().decoder;
  if (!library) return { unavailable: "pixtok found no libjpeg-turbo library to open" };
  if (!(await exists(program))) return { unavailable: "decode_benchmark has not been built" };
  if (jpegs.length === 0) return { unavailable: "none of the pictures is a JPEG" };

  const folder = await mkdtemp(join(tmpdir(), "pixtok-bench-list-"));
  const list = join(folder, "pictures.txt");
  await writeFile(list, `${jpegs.join("\n")}\n`);
  return {
    run(epochs) {
      const flags = { library, threads, epochs, list };
      return runProgram(
        Object.entries(flags).flatMap(([name, value]) => [`--${name}`, `${value}`]),
      );
    },
    async close() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}
