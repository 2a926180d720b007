/** A folder with RESULTS.md, and the results that it is made from below it. */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Suite } from "../suite.js";
import type { RunRecord } from "./run-record.js";

const HEADING = `# Benchmark results

<!-- Written by npm run bench from results/*.json: do not edit. -->`;

const resultsFile = (folder: string, { name }: Suite) => join(folder, "results", `${name}.json`);

export async function writeResults(
  folder: string,
  suite: Suite,
  results: RunRecord,
): Promise<string> {
  const file = resultsFile(folder, suite);
  await mkdir(join(folder, "results"), { recursive: true });
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
  return file;
}

async function readResults(folder: string, suite: Suite): Promise<RunRecord | undefined> {
  const file = resultsFile(folder, suite);
  if (!existsSync(file)) return undefined;
  return JSON.parse(await readFile(file, "utf8")) as RunRecord;
}

/** RESULTS.md and its plots, from the results of the latest runs. */
export async function writeResultsPage(folder: string, suites: readonly Suite[]): Promise<void> {
  const paragraphs = [HEADING];
  for (const suite of suites) {
    const results = await readResults(folder, suite);
    if (results === undefined) continue;
    paragraphs.push(...suite.section(results));
    for (const [name, svg] of Object.entries(suite.plots?.(results) ?? {})) {
      await writeFile(join(folder, "results", `${name}.svg`), `${svg}\n`);
    }
  }
  await writeFile(join(folder, "RESULTS.md"), `${paragraphs.join("\n\n")}\n`);
}
