/** Programs that decode files in memory over and over: pixtok's, and those of other libraries. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { runtimeInfo } from "pixtok";
import { fromBench, fromRoot, nativeProgram } from "../setup/paths.js";
import { PYTHON_NOT_INSTALLED } from "../setup/python.js";
import { workerProgram } from "../workers/worker-program.js";
import { NOT_BUILT } from "./native-program.js";

export const FORMATS = ["jpeg", "png", "webp"] as const;
export type Format = (typeof FORMATS)[number];

/** What was decoded, and how long it took. */
export interface DecodeRun {
  readonly images: number;
  readonly seconds: number;
}

export interface Decoder {
  readonly name: string;
  readonly formats: readonly Format[];
  /** Why it cannot run on this machine. */
  readonly unavailable?: string | undefined;
  /**
   * A run for each list, a file with a path a line: once uncounted, then for `leastSeconds`, at least once.
   *
   * @throws {Error} whose `code` is EX_UNAVAILABLE where the machine lacks something.
   */
  time(
    lists: readonly string[],
    threads: number,
    leastSeconds: number,
  ): Promise<readonly DecodeRun[]>;
}

/** The format's fastest bare decoder: what a loader's rate is set against. */
export const codecOf: Readonly<Record<Format, string>> = {
  jpeg: "libjpeg-turbo",
  png: "sharp",
  webp: "libwebp",
};

const RUN_TIMEOUT_MS = 30 * 60_000;

/** By a program that takes THREADS SECONDS LIST... behind what it is `given`. */
function timedBy(program: string, given: readonly string[]): Decoder["time"] {
  return async (lists, threads, leastSeconds) => {
    const parameters = [...given, `${threads}`, `${leastSeconds}`, ...lists];
    const { stdout } = await promisify(execFile)(program, parameters, {
      cwd: fromRoot(""),
      timeout: RUN_TIMEOUT_MS,
      env: { ...process.env, PIXTOK_THREADS: `${threads}`, UV_THREADPOOL_SIZE: `${threads}` },
    });
    return JSON.parse(stdout) as DecodeRun[];
  };
}

function onNode(name: "pixtok" | "sharp"): Decoder {
  const { file, execArgv } = workerProgram("decode-files");
  return { name, formats: FORMATS, time: timedBy(process.execPath, [...execArgv, file, name]) };
}

function native(name: string, format: Format, library: string | undefined): Decoder {
  const program = nativeProgram("decode_benchmark");
  const missing = existsSync(program) ? undefined : `decode_benchmark ${NOT_BUILT}`;
  return {
    name,
    formats: [format],
    unavailable: missing ?? (library === undefined ? "pixtok found no such library" : undefined),
    time: timedBy(program, [name, library ?? ""]),
  };
}

function crate(name: string, format: Format): Decoder {
  const program = fromBench("rust/target/release/decode-benchmark");
  const build = "cargo build --release --manifest-path bench/rust/Cargo.toml";
  return {
    name,
    formats: [format],
    unavailable: existsSync(program) ? undefined : `not built: run ${build}`,
    time: timedBy(program, [name]),
  };
}

function pillow(python: string | undefined): Decoder {
  return {
    name: "Pillow",
    formats: FORMATS,
    unavailable: python === undefined ? PYTHON_NOT_INSTALLED : undefined,
    time: timedBy(python ?? "python3", [fromBench("python/time_decodes.py")]),
  };
}

/** pixtok does all of an image's work; the others only decode. */
export function decoders(python: string | undefined): Decoder[] {
  const { library: jpegLibrary, webp } = runtimeInfo().decoder;
  return [
    onNode("pixtok"),
    native("baseline", "jpeg", ""),
    native("libjpeg-turbo-planes", "jpeg", jpegLibrary),
    native("libjpeg-turbo", "jpeg", jpegLibrary),
    crate("zune-jpeg", "jpeg"),
    crate("png", "png"),
    native("libwebp", "webp", webp?.library),
    crate("image-webp", "webp"),
    pillow(python),
    onNode("sharp"),
  ];
}
