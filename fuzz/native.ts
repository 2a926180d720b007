import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Findings } from "./finding.js";
import { images } from "./targets/images.js";
import { tiffStripSeeds } from "./tiff-strips.js";

/** A program of native/fuzz. */
interface NativeFuzzer {
  readonly name: string;
  readonly share: number;
  /** Where it starts from files: the bytes behind them, from which its other choices are made. */
  readonly choices?: number;
  /** Where it starts from something else. */
  readonly seeds?: () => readonly Buffer[];
}

const fuzzers: readonly NativeFuzzer[] = [
  { name: "baseline", share: 4, choices: 0 },
  { name: "encoded_image", share: 4, choices: 40 },
  { name: "jpeg", share: 4, choices: 4 },
  { name: "gif", share: 2, choices: 0 },
  { name: "bitmaps", share: 2, choices: 0 },
  { name: "png", share: 2, choices: 0 },
  { name: "tiff", share: 2, seeds: tiffStripSeeds },
  { name: "webp", share: 2, choices: 0 },
  { name: "headers", share: 1, choices: 0 },
  { name: "pixels", share: 2 },
  { name: "ycc", share: 1 },
  { name: "file_range", share: 1 },
];

export const nativeNames = fuzzers.map(({ name }) => name);

export interface NativeRun {
  readonly name: string;
  readonly runs: number;
  /** Edges of the core's code that inputs have reached. */
  readonly edges: number;
  readonly seconds: number;
}

export interface NativeOptions {
  readonly only: readonly string[];
  readonly seconds: number;
  readonly seed: number;
  readonly cases: number;
  readonly out: string;
  /** The libturbojpeg that the addon would use. */
  readonly jpegLibrary: string;
  /** Its libwebp, if any. */
  readonly webpLibrary: string | undefined;
  readonly findings: Findings;
}

const root = fileURLToPath(new URL("..", import.meta.url));
const KEPT_OUTPUT = 20_000;

/** Whether there is what the programs are built with. */
export function canBuildNative(): boolean {
  return ["clang++", "cmake"].every(
    (program) => spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0,
  );
}

function finished(program: string, args: string[], env: NodeJS.ProcessEnv = process.env) {
  return new Promise<{ status: number | null; output: string }>((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output = (output + text).slice(-KEPT_OUTPUT);
      });
    }
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, output }));
  });
}

async function build(folder: string): Promise<void> {
  const configure = ["-S", ".", "-B", folder, "-DPIXTOK_FUZZ=ON", "-DCMAKE_CXX_COMPILER=clang++"];
  for (const args of [configure, ["--build", folder, "--parallel", "2", "--target", "fuzzers"]]) {
    const { status, output } = await finished("cmake", args);
    if (status !== 0) throw new Error(`cmake ${args.join(" ")}\n${output}`);
  }
}

const decodedNatively = /\.(?:jpg|gif|png|webp|bmp|ppm|tga|qoi)$/;

/**
 * Files that threads of the addon decode, with bytes behind them; what a program has of its own; and nothing for those
 * that take no files.
 */
async function writeSeeds(folder: string, { choices, seeds }: NativeFuzzer): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const [i, seed] of (seeds?.() ?? []).entries()) writeFileSync(join(folder, `${i}`), seed);
  if (choices === undefined) return;
  for (const [i, { files }] of (await images.seeds()).entries()) {
    for (const [name, bytes] of files) {
      if (!decodedNatively.test(name)) continue;
      const behind = Buffer.from(
        Array.from({ length: choices }, (_, at) => (bytes.length * 7 + at * 31) & 255),
      );
      writeFileSync(join(folder, `${i}-${name}`), Buffer.concat([bytes, behind]));
    }
  }
}

/** What tells a failure from others: what was not so, or the sanitizer's word and place. */
function reasonOf(output: string): string {
  const lines = output.split("\n");
  const telling = lines.find((line) =>
    /not so:|runtime error:|SUMMARY: AddressSanitizer/.test(line),
  );
  return (telling ?? lines.find((line) => /ERROR: /.test(line)) ?? "ended")
    .replace(/^.*\/native\//, "native/")
    .replace(/==\d+==/, "")
    .slice(0, 200);
}

async function runOne(
  fuzzer: NativeFuzzer,
  seconds: number,
  options: NativeOptions,
): Promise<NativeRun> {
  const { seed, cases, out, jpegLibrary, webpLibrary, findings } = options;
  const { name } = fuzzer;
  const [seeds, corpus, artifacts] = ["seeds", "corpus", "artifacts"].map((part) =>
    join(out, part, name),
  ) as [string, string, string];
  for (const folder of [seeds, artifacts]) rmSync(folder, { recursive: true, force: true });
  for (const folder of [corpus, artifacts]) mkdirSync(folder, { recursive: true });
  await writeSeeds(seeds, fuzzer);
  const begun = performance.now();
  const end = begun + 1000 * seconds;
  let [runs, edges] = [0, 0];
  // A program ends with its first failure; the next start goes on from other choices.
  for (let start = 0; performance.now() < end && runs < cases; start += 1) {
    const args = [
      `-seed=${seed + start}`,
      `-max_total_time=${Math.max(1, Math.round((end - performance.now()) / 1000))}`,
      ...(cases === Number.POSITIVE_INFINITY ? [] : [`-runs=${cases - runs}`]),
      "-max_len=32768",
      "-timeout=20",
      "-rss_limit_mb=2048",
      "-print_final_stats=1",
      `-dict=${root}native/fuzz/images.dict`,
      `-artifact_prefix=${artifacts}/`,
      corpus,
      seeds,
    ];
    const program = join(out, "native", `${name}_fuzz`);
    const { status, output } = await finished(program, args, {
      ...process.env,
      PIXTOK_FUZZ_JPEG_LIBRARY: jpegLibrary,
      ...(webpLibrary !== undefined && { PIXTOK_FUZZ_WEBP_LIBRARY: webpLibrary }),
    });
    runs += Number(/number_of_executed_units: (\d+)/.exec(output)?.[1] ?? 0);
    edges = Math.max(
      edges,
      ...[...output.matchAll(/ cov: (\d+)/g)].map((found) => Number(found[1])),
    );
    if (status === 0) break;
    const [input] = readdirSync(artifacts);
    const what = reasonOf(output);
    if (!findings.hasEnough(name, what)) {
      const files = new Map(
        input === undefined ? [] : [[basename(input), readFileSync(join(artifacts, input))]],
      );
      findings.add({ target: name, kind: "native", what, detail: output, files, origin: { seed } });
    }
    if (input === undefined) break; // it could not even start
    rmSync(join(artifacts, input));
  }
  return { name, runs, edges, seconds: (performance.now() - begun) / 1000 };
}

/** Builds the programs and runs those that are asked for, each a share of the time. */
export async function runNative(options: NativeOptions): Promise<NativeRun[]> {
  const chosen = fuzzers.filter(({ name }) => options.only.includes(name));
  if (chosen.length === 0) return [];
  await build(join(options.out, "native"));
  const shares = chosen.reduce((sum, { share }) => sum + share, 0);
  const done: NativeRun[] = [];
  for (const fuzzer of chosen) {
    done.push(await runOne(fuzzer, (options.seconds * fuzzer.share) / shares, options));
  }
  return done;
}
