import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { KernelCase, KernelTime } from "./kernel-results.js";
import { PYTHON_NOT_INSTALLED } from "./python-interpreter.js";

const run = promisify(execFile);
const RUN_TIMEOUT_MS = 10 * 60_000;

const fromBench = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const ownProgram = fromBench("../build/Release/kernel_benchmark");
const rustProgram = fromBench("./rust/target/release/fast-image-resize-benchmark");
const pythonProgram = fromBench("./python/time_resizes.py");

/** A program that times resizes: it takes about `seconds` for each. */
export interface KernelProgram {
  readonly name: string;
  /** Why it cannot run on this machine. */
  readonly unavailable?: string;
  time(cases: readonly KernelCase[], seconds: number): Promise<readonly KernelTime[]>;
}

async function runForTimes(file: string, args: readonly string[]): Promise<readonly KernelTime[]> {
  const { stdout } = await run(file, [...args], { timeout: RUN_TIMEOUT_MS });
  return JSON.parse(stdout) as KernelTime[];
}

function caseArgument({ filter, from, to }: KernelCase): string {
  return [filter, ...from, ...to].join(",");
}

/** Chooses its cases itself. */
function pixtokProgram(): KernelProgram {
  return {
    name: "pixtok",
    ...(!existsSync(ownProgram) && { unavailable: "kernel_benchmark has not been built" }),
    time: (_, seconds) => runForTimes(ownProgram, ["--seconds", `${seconds}`]),
  };
}

function fastImageResizeProgram(): KernelProgram {
  const build = "cargo build --release --manifest-path bench/rust/Cargo.toml";
  return {
    name: "fast_image_resize",
    ...(!existsSync(rustProgram) && { unavailable: `not built: run ${build}` }),
    time: (cases, seconds) => runForTimes(rustProgram, [`${seconds}`, ...cases.map(caseArgument)]),
  };
}

function pythonLibraryProgram(library: string, python: string | undefined): KernelProgram {
  return {
    name: library,
    ...(python === undefined && { unavailable: PYTHON_NOT_INSTALLED }),
    time: (cases, seconds) =>
      runForTimes(python ?? "python3", [
        pythonProgram,
        library,
        `${seconds}`,
        ...cases.map(caseArgument),
      ]),
  };
}

export function kernelPrograms(python: string | undefined): KernelProgram[] {
  return [
    pixtokProgram(),
    fastImageResizeProgram(),
    pythonLibraryProgram("pillow", python),
    pythonLibraryProgram("opencv", python),
  ];
}
