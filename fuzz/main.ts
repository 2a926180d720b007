import { randomInt } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { runtimeInfo } from "pixtok";
import { parsePositiveInteger, parsePositiveNumber } from "../bench/src/setup/options.js";
import { keepFindings } from "./finding.js";
import { canBuildNative, nativeNames, runNative } from "./native.js";
import { oracleOf } from "./oracle.js";
import { type Pillow, startPillow } from "./pillow.js";
import { makeReport, reportPage } from "./report.js";
import { runTarget, type TargetRun } from "./run-target.js";
import { type TargetName, targetNames } from "./target.js";
import { targets } from "./targets/index.js";

interface CommandLine {
  seconds: number;
  cases: number;
  seed: number;
  only: readonly string[];
  out: string;
  python: string;
  compare: readonly string[] | false;
  report?: string;
  replay?: string;
}

const names: readonly string[] = [...nativeNames, ...targetNames];

function parseNames(value: string): string[] {
  return value.split(",").map((name) => {
    if (names.includes(name)) return name;
    throw new InvalidArgumentError(`Expected some of ${names.join(",")}.`);
  });
}

const formats: readonly string[] = [
  "jpg",
  "png",
  "gif",
  "webp",
  "avif",
  "tiff",
  "bmp",
  "ppm",
  "tga",
  "qoi",
];

function parseFormats(value: string): string[] {
  return value.split(",").map((format) => {
    if (formats.includes(format)) return format;
    throw new InvalidArgumentError(`Expected some of ${formats.join(",")}.`);
  });
}

function parseCommandLine(): CommandLine {
  return new Command("npm run fuzz --")
    .description("Damages files of every kind that is read, and watches what becomes of them.")
    .option(
      "--seconds <time>",
      "for the native programs, and beside them for the rest",
      parsePositiveNumber,
      60,
    )
    .option(
      "--cases <count>",
      "most cases of each target",
      parsePositiveInteger,
      Number.POSITIVE_INFINITY,
    )
    .option(
      "--seed <number>",
      "makes the same cases again",
      parsePositiveInteger,
      randomInt(1, 2 ** 31),
    )
    .addOption(
      new Option("--only <names>", `comma-separated, of ${names.join(", ")}`)
        .argParser(parseNames)
        .default(names, "all"),
    )
    .option("--out <folder>", "for findings and what else is kept", "build/fuzz")
    .option("--python <program>", "an interpreter with Pillow, to compare images with", "python3")
    .addOption(
      new Option("--compare <formats>", "compare images of these formats with Pillow's")
        .argParser(parseFormats)
        .default(formats, "all"),
    )
    .option("--no-compare", "compare none")
    .option("--report <file>", "write the figures as a page")
    .option("--replay <folder>", "run the files of a finding again")
    .parse()
    .opts<CommandLine>();
}

const commandLine = parseCommandLine();
const out = resolve(commandLine.out);
mkdirSync(out, { recursive: true });

async function openPillow(): Promise<Pillow | undefined> {
  if (commandLine.compare === false || !commandLine.only.includes("images")) return undefined;
  const pillow = await startPillow(commandLine.python);
  if (pillow === undefined) console.log(`no comparison: ${commandLine.python} has no Pillow`);
  return pillow;
}

function reference(pillow: Pillow | undefined) {
  return pillow && { pillow, formats: commandLine.compare || [] };
}

async function replay(folder: string): Promise<boolean> {
  const { target, origin } = JSON.parse(readFileSync(join(folder, "finding.json"), "utf8")) as {
    target: TargetName;
    origin: { case?: number };
  };
  const files = new Map(
    readdirSync(join(folder, "files")).map((name) => [
      name,
      readFileSync(join(folder, "files", name)),
    ]),
  );
  const pillow = await openPillow();
  const oracle = oracleOf(target, join(out, "work", "replay"), reference(pillow));
  const { faults } = await oracle.examine(files, origin.case ?? 0);
  oracle.close();
  pillow?.close();
  for (const { kind, what, detail } of faults) console.log(`${kind}: ${what}\n${detail}`);
  return faults.length === 0;
}

async function runTargets(pillow: Pillow | undefined, findings: ReturnType<typeof keepFindings>) {
  const { only, seconds, seed, cases } = commandLine;
  const chosen = targets.filter(({ name }) => only.includes(name));
  const shares = chosen.reduce((sum, { share }) => sum + share, 0);
  const done: TargetRun[] = [];
  for (const target of chosen) {
    const until = performance.now() + (1000 * seconds * target.share) / shares;
    const work = join(out, "work", target.name);
    done.push(
      await runTarget(target, { seed, until, cases, work, reference: reference(pillow), findings }),
    );
  }
  return done;
}

async function fuzz(): Promise<boolean> {
  const { only, seconds, seed, cases, report } = commandLine;
  console.log(`seed ${seed}`);
  const findings = keepFindings(join(out, "findings"));
  const { version, decoder, sharp } = runtimeInfo();
  const pillow = await openPillow();
  const jpegLibrary = decoder.library;
  const webpLibrary = decoder.webp?.library;
  const isPossible = jpegLibrary !== undefined && canBuildNative();
  if (!isPossible) console.log("no native programs: clang++, cmake or libturbojpeg is missing");
  const [nativeRuns, runs] = await Promise.all([
    isPossible
      ? runNative({ only, seconds, seed, cases, out, jpegLibrary, webpLibrary, findings })
      : [],
    runTargets(pillow, findings),
  ]);
  pillow?.close();
  for (const { name, runs: count, edges } of nativeRuns)
    console.log(`${name}: ${count} runs, ${edges} edges`);
  for (const { name, cases: count, read } of runs)
    console.log(`${name}: ${count} cases, ${read} read`);
  const parts = {
    command: `npm run fuzz -- --seconds ${seconds} --seed ${seed}`,
    seed,
    versions: {
      pixtok: version,
      Node: process.version,
      sharp,
      ...(pillow && { Pillow: pillow.version }),
    },
    native: nativeRuns,
    targets: runs,
  };
  const made = makeReport(parts, findings);
  writeFileSync(join(out, "report.json"), `${JSON.stringify(made, null, 2)}\n`);
  if (report !== undefined) writeFileSync(report, reportPage(made));
  const count = findings.list.length;
  console.log(count === 0 ? "no findings" : `${count} findings in ${relative(".", out)}/findings`);
  return count === 0;
}

const isClean = await (commandLine.replay === undefined ? fuzz() : replay(commandLine.replay));
process.exit(isClean ? 0 : 1);
