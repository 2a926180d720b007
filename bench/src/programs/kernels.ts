import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { fromBench, nativeProgram } from "../setup/paths.js";
import { PYTHON_NOT_INSTALLED } from "../setup/python.js";
import { NOT_BUILT } from "./native-program.js";

const run = promisify(execFile);
const RUN_TIMEOUT_MS = 30 * 60_000;

const ownProgram = nativeProgram("kernel_benchmark");
const rustProgram = fromBench("rust/target/release/fast-image-resize-benchmark");
const pythonProgram = fromBench("python/time_resizes.py");

export type Size = readonly [width: number, height: number];

export interface KernelCase {
  readonly filter: string;
  /** An image of each of these sizes, resized in turn; times are the mean of them. */
  readonly from: readonly Size[];
  readonly to: Size;
}

/** As the programs print it. */
export interface KernelTime extends KernelCase {
  readonly kernel: string;
  readonly operation: string;
  /** Whose numbers come out, of pixtok's; other programs have their own. */
  readonly resampler?: "pillow13" | "torch";
  /** Whether filter weights are computed for every image; a filter may have none. */
  readonly weights: "rebuilt" | "cached" | "none";
  /** Time of one image. */
  readonly nanoseconds: number;
}

/** A program that times resizes: it takes about `seconds` for each. */
export interface KernelProgram {
  readonly name: string;
  /** Why it cannot run on this machine. */
  readonly unavailable?: string;
  /** Cases that it cannot do are left out. */
  time(cases: readonly KernelCase[], seconds: number): Promise<readonly KernelTime[]>;
}

async function runForTimes(file: string, args: readonly string[]): Promise<readonly KernelTime[]> {
  const { stdout } = await run(file, [...args], { timeout: RUN_TIMEOUT_MS, maxBuffer: 2 ** 26 });
  return JSON.parse(stdout) as KernelTime[];
}

function caseArgument({ filter, from, to }: KernelCase): string {
  return [filter, from.map((size) => size.join("x")).join("+"), to.join("x")].join(",");
}

function pixtokProgram(): KernelProgram {
  return {
    name: "pixtok",
    ...(!existsSync(ownProgram) && { unavailable: `kernel_benchmark ${NOT_BUILT}` }),
    time: (cases, seconds) =>
      runForTimes(ownProgram, ["--seconds", `${seconds}`, ...cases.map(caseArgument)]),
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
