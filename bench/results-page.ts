import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { KernelResults } from "./kernel-results.js";
import { kernelNotes, kernelTables } from "./kernel-tables.js";
import { type LatencyResults, latencyTable } from "./latency-results.js";
import { designTable, epochTable, type MemoryResults } from "./memory-results.js";
import { drawPlots } from "./node/plots.js";
import { PAGE_FILE, RESULTS_FOLDER, readResults } from "./results-files.js";
import { type SourceResults, sourceTable } from "./source-results.js";
import type { Surroundings } from "./surroundings.js";
import { markdownTable } from "./table.js";
import type { ThroughputResults } from "./throughput-results.js";
import { contenderNotes, contendersTable, scalingTable } from "./throughput-tables.js";

const MEBIBYTES_IN_A_GIBIBYTE = 1024;

const HEADING = `# Benchmark results

<!-- Written by bench/report.ts from bench/results/*.json: do not edit. -->`;

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function codeBlock(text: string): string {
  return `\`\`\`sh\n${text}\n\`\`\``;
}

function bulletList(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join("\n");
}

function describeVersions(versions: Surroundings["versions"]): string {
  return Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
}

function describePixtok(pixtok: unknown): string {
  if (typeof pixtok !== "object" || pixtok === null) return `${pixtok}`;
  return Object.entries(pixtok)
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}

function surroundingsLines({ date, machine, versions, python, pixtok }: Surroundings): string[] {
  const gibibytes = Math.round(machine.memoryMiB / MEBIBYTES_IN_A_GIBIBYTE);
  return [
    `Date: ${date}`,
    `Machine: ${machine.cpu}, ${machine.cores} cores, ${gibibytes} GiB, ${machine.system}`,
    `pixtok: ${describePixtok(pixtok)}`,
    `Node: ${describeVersions(versions)}`,
    ...(Object.keys(python).length > 0 ? [`Python: ${describeVersions(python)}`] : []),
  ];
}

function throughputSection(results: ThroughputResults, plotted: boolean): string[] {
  const { settings, contenders, command } = results;
  const scaling = scalingTable(results);
  const picture = (name: string, text: string) =>
    plotted ? [`![${text}](results/${name}.svg)`] : [];
  return [
    "## Throughput",
    `JPEG files and captions to float32 [${settings.batchSize}, 3, 224, 224] and int64 ` +
      `[${settings.batchSize}, ${settings.maxLength}] batches, the standard preset. Medians of ` +
      `${countOf(settings.rounds, "round")} of at least ${settings.seconds} s, one contender after the other in ` +
      "each, every one in a process of its own. Ratios are medians of the ratios within a round.",
    codeBlock(command),
    bulletList([
      ...surroundingsLines(results),
      `Pairs: whole batches of the ${settings.pairs} in ${settings.manifest}; tokenizer: ${settings.tokenizer}`,
    ]),
    ...picture("throughput", "Pairs a second of each contender"),
    markdownTable(contendersTable(contenders)),
    "Peak memory is that of a contender's whole tree of processes. “Event loop” is its utilization: " +
      "the share of the time that Node's main thread was busy. Differences are of normalized values, " +
      "where one step of a byte is about 0.017.",
    bulletList(contenderNotes(contenders)),
    ...(scaling === undefined
      ? []
      : [
          "### Threads",
          ...picture("scaling", "Pairs a second by the number of threads"),
          markdownTable(scaling),
        ]),
  ];
}

function latencySection(results: LatencyResults): string[] {
  const { settings, command } = results;
  return [
    "## Latency",
    `The standard preset on one picture at a time, ${settings.pictures} of them one after the other; what ` +
      "libjpeg-turbo alone takes for them on one thread, files in memory, is subtracted. Medians of " +
      `${countOf(settings.rounds, "round")}.`,
    codeBlock(command),
    bulletList([...surroundingsLines(results), `Pictures: those in ${settings.manifest}`]),
    markdownTable(latencyTable(results)),
  ];
}

function memorySection(results: MemoryResults): string[] {
  const { settings, command, decode } = results;
  return [
    "## Memory of batches",
    "Epochs of the standard preset in processes of their own, batches released or left to the garbage " +
      `collector; beside libjpeg-turbo alone, ${decode.median.toFixed(0)} pictures a second. Medians of ` +
      `${countOf(settings.rounds, "round")} of at least ${settings.seconds} s; ratios are medians of those within a ` +
      "round. Below, what handing memory over costs by itself, in designs that were weighed in " +
      "[docs/decisions/batch-memory.md](../docs/decisions/batch-memory.md).",
    codeBlock(command),
    bulletList([
      ...surroundingsLines(results),
      `Pairs: ${settings.pairs}, those in ${settings.manifest}, several times over`,
    ]),
    markdownTable(epochTable(results)),
    markdownTable(designTable(results)),
  ];
}

function sourceSection(results: SourceResults): string[] {
  const { settings, command, missing } = results;
  return [
    "## Sources and the packed set",
    `Epochs of the same ${settings.pairs} pairs in batches of ${settings.batchSize}, the standard preset, ` +
      `${countOf(settings.threads, "thread")}, one source after the other in each of ` +
      `${countOf(settings.rounds, "round")} of at least ${settings.seconds} s; medians, and of ratios those within a ` +
      "round. “Memory alone” is a plain loop that makes float32 of bytes in memory, in batches as large and " +
      "on as many threads.",
    codeBlock(command),
    bulletList([
      ...surroundingsLines(results),
      `Pairs: those in ${settings.manifest}`,
      ...missing.map(({ name, reason }) => `Missing: ${name}: ${reason}`),
    ]),
    markdownTable(sourceTable(results)),
  ];
}

function kernelSection(results: KernelResults): string[] {
  const { settings, command } = results;
  const notes = kernelNotes(results);
  return [
    "## Kernels",
    "One 8-bit RGB picture in memory, one thread. Medians of " +
      `${countOf(settings.rounds, "round")} of ${settings.seconds} s a case, one program after the other in each. ` +
      "Ratios are medians of the ratios within a round. Of OpenCV's filters only INTER_AREA takes all " +
      "the pixels of a larger picture into account.",
    codeBlock(command),
    bulletList(surroundingsLines(results)),
    ...(notes.length > 0 ? [bulletList(notes)] : []),
    ...kernelTables(results).flatMap(({ title, table }) => [`### ${title}`, markdownTable(table)]),
  ];
}

async function writePlots(results: ThroughputResults): Promise<boolean> {
  const plots = await drawPlots(results);
  if (plots === undefined) return false;
  await mkdir(RESULTS_FOLDER, { recursive: true });
  for (const [name, svg] of Object.entries(plots)) {
    if (svg === undefined) continue;
    await writeFile(join(RESULTS_FOLDER, `${name}.svg`), `${svg}\n`);
  }
  return true;
}

/** RESULTS.md and its plots, from the results of the latest runs. */
export async function writeResultsPage(): Promise<void> {
  const throughput = await readResults("throughput");
  const latency = await readResults("latency");
  const memory = await readResults("memory");
  const sources = await readResults("sources");
  const kernels = await readResults("kernels");
  const sections = [HEADING];
  if (throughput !== undefined) {
    sections.push(...throughputSection(throughput, await writePlots(throughput)));
  }
  if (latency !== undefined) sections.push(...latencySection(latency));
  if (memory !== undefined) sections.push(...memorySection(memory));
  if (sources !== undefined) sections.push(...sourceSection(sources));
  if (kernels !== undefined) sections.push(...kernelSection(kernels));
  await writeFile(PAGE_FILE, `${sections.join("\n\n")}\n`);
}
