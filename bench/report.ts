import { readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import type { ContenderName } from "./contenders/index.js";
import { type ContenderResult, REFERENCE } from "./runner.js";

const RATIO_BASES = ["pure-javascript", "decode-only"] as const satisfies ContenderName[];

const PACKAGES = ["sharp", "tokenizers", "@huggingface/tokenizers", "jpeg-js", "pngjs"];

const MEBIBYTE = 1024 * 1024;

/** As published: paths have been through `publicPath`. */
export interface ReportSettings {
  readonly manifest: string;
  readonly tokenizer: string;
  readonly pairs: number;
  readonly batchSize: number;
  readonly maxLength: number;
  readonly rounds: number;
  readonly seconds: number;
}

interface Rate {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

function rateOf({ status, rounds }: ContenderResult): Rate | undefined {
  if (status !== "measured" || rounds.length === 0) return undefined;
  const rates = rounds.map(({ pairs, seconds }) => pairs / seconds);
  return { median: median(rates), min: Math.min(...rates), max: Math.max(...rates) };
}

/** A path as it may be published: nothing about the machine's folders. */
export function publicPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  const farAway = isAbsolute(fromHere) || fromHere.startsWith(join("..", ".."));
  return (farAway ? basename(path) : fromHere).split(sep).join("/");
}

function publicText(text: string): string {
  return text.replaceAll(process.cwd(), ".").replace(/(?<![\w.])\/(?:[^\s/'"]+\/)+/g, "…/");
}

// --- table ---

const NOTHING = "–";

function formatDifference({ name, introduction, difference }: ContenderResult): [string, string] {
  if (introduction?.output === "rate") return [NOTHING, NOTHING];
  if (name === REFERENCE) return ["reference", "reference"];
  if (difference === undefined) return ["not compared", NOTHING];
  const image = difference.identical
    ? "identical"
    : `up to ${difference.largestImageDifference.toPrecision(2)}`;
  return [image, difference.tokensIdentical ? "identical" : "differ"];
}

function measuredRow(result: ContenderResult, results: readonly ContenderResult[]): string[] {
  const rate = rateOf(result);
  if (rate === undefined) return [result.name, result.status];
  const ratios = RATIO_BASES.map((base) => {
    const baseRate = results.filter(({ name }) => name === base).map(rateOf)[0];
    return baseRate === undefined ? NOTHING : `${(rate.median / baseRate.median).toFixed(2)}×`;
  });
  // The work of a "rate" contender isn't done in the process that could be looked at.
  const inProcess = result.introduction?.output === "batches";
  const peak = Math.max(...result.rounds.map(({ peakMemory }) => peakMemory));
  const utilization = median(result.rounds.map((round) => round.eventLoopUtilization));
  return [
    result.name,
    rate.median.toFixed(1),
    `${rate.min.toFixed(1)}…${rate.max.toFixed(1)}`,
    ...ratios,
    inProcess ? (peak / MEBIBYTE).toFixed(0) : NOTHING,
    inProcess ? utilization.toFixed(2) : NOTHING,
    ...formatDifference(result),
    `${result.pairs}`,
  ];
}

function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  "),
  );
  return lines.join("\n");
}

export function formatTable(results: readonly ContenderResult[]): string {
  const header = [
    "contender",
    "pairs/s",
    "min…max",
    ...RATIO_BASES.map((base) => `/ ${base}`),
    "peak MiB",
    "loop use",
    `image vs ${REFERENCE}`,
    "tokens",
    "pairs",
  ];
  const table = alignColumns([header, ...results.map((result) => measuredRow(result, results))]);
  const notes = results.flatMap(({ name, status, reason, introduction }) => [
    ...(introduction ? [`${name}: ${introduction.description}`] : []),
    ...(reason === undefined ? [] : [`${name} ${status}: ${reason}`]),
  ]);
  return `${table}\n\n${notes.join("\n")}\n`;
}

// --- results file ---

function packageVersion(name: string): string {
  const require = createRequire(import.meta.url);
  // Not by `require.resolve`: not every package exports its package.json.
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      const contents = readFileSync(join(folder, name, "package.json"), "utf8");
      return (JSON.parse(contents) as { version: string }).version;
    } catch {
      // Not installed in this one of the folders.
    }
  }
  return "not installed";
}

/** What pixtok says is in use, less the paths. */
async function pixtokInUse(): Promise<unknown> {
  try {
    const { runtimeInfo } = await import("pixtok");
    return JSON.parse(JSON.stringify(runtimeInfo()), (_, value: unknown) =>
      typeof value === "string" && isAbsolute(value) ? basename(value) : value,
    );
  } catch (error) {
    return `not available: ${publicText(error instanceof Error ? error.message : String(error))}`;
  }
}

function describeResult(result: ContenderResult) {
  const { name, status, reason, introduction, rounds, ...rest } = result;
  return {
    name,
    status,
    ...introduction,
    ...rest,
    ...(reason !== undefined && { reason: publicText(reason) }),
    pairsPerSecond: rateOf(result),
    rounds,
  };
}

export async function writeResults(
  file: string,
  results: readonly ContenderResult[],
  settings: ReportSettings,
): Promise<void> {
  const processors = cpus();
  const commandArguments = process.argv
    .slice(2)
    .map((argument) => (isAbsolute(argument) ? publicPath(argument) : argument));
  const report = {
    date: new Date().toISOString(),
    command: ["npm run bench --", ...commandArguments].join(" "),
    machine: {
      cpu: processors[0]?.model ?? "unknown",
      cores: availableParallelism(),
      memoryMiB: Math.round(totalmem() / MEBIBYTE),
      system: `${platform()} ${arch()}`,
    },
    versions: {
      node: process.versions.node,
      ...Object.fromEntries(PACKAGES.map((name) => [name, packageVersion(name)])),
    },
    pixtok: await pixtokInUse(),
    settings,
    contenders: results.map(describeResult),
  };
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
}
