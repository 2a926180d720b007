// Compares pixtok with Python's results, on every kernel this machine runs and both decode paths.
//
//   npm run conformance
//   npm run conformance -- --data DIR --golden DIR    # of test/goldens/make_goldens.py --data DIR
//
// Ends with code 1 where a case is not identical.

import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { withoutShared } from "../support/fixtures.js";
import { families } from "./families.js";
import { conformancePage } from "./report.js";
import { identicalOf, resultTable, type SuiteResult } from "./result-table.js";
import { type GoldenFolder, sharedGoldens, shippedGoldens, suitesIn } from "./suite.js";
import { runSuite, settingsOf } from "./suite-process.js";

const MOST_NAMED = 10;

const options = new Command("conformance")
  .description("Compare pixtok with Python's results, case by case.")
  .option("--data <folder>", "your own images/ or photos/, broken/, processors/ and tokenizers")
  .option("--golden <folder>", "what make_goldens.py made of them")
  .option("--write", "write docs/conformance.md")
  .parse()
  .opts<{ data?: string; golden?: string; write?: true }>();

function goldenFolders(): GoldenFolder[] {
  const { data, golden } = options;
  if ((data === undefined) !== (golden === undefined)) {
    throw new Error("--data and --golden are given together or not at all");
  }
  if (data !== undefined && golden !== undefined) {
    return [{ source: data, golden: resolve(golden), data: resolve(data) }];
  }
  return withoutShared() === false ? [shippedGoldens, sharedGoldens] : [shippedGoldens];
}

const folders = goldenFolders();
const suites = folders.flatMap(suitesIn);
if (suites.length === 0) {
  throw new Error(`there is no golden file in ${folders.map(({ golden }) => golden).join(", ")}`);
}

const results: SuiteResult[] = [];
for (const suite of suites) {
  for (const setting of settingsOf(suite)) {
    const cases = await runSuite(suite, setting);
    const { source, family } = suite;
    const resampler = families[family].on === "nothing" ? null : suite.resampler;
    results.push({ source, family, resampler, setting, cases });
    const different = cases.filter(({ difference }) => difference !== 0);
    const where = [source, family, suite.resampler, ...Object.values(setting)].join(" ");
    process.stderr.write(`${where}: ${identicalOf(cases)} of ${cases.length} identical\n`);
    for (const { name } of different.slice(0, MOST_NAMED)) process.stderr.write(`  ${name}\n`);
    if (different.length > MOST_NAMED) {
      process.stderr.write(`  and ${different.length - MOST_NAMED} more\n`);
    }
  }
}

process.stdout.write(`\n${resultTable(results)}\n`);
if (options.write) {
  const page = fileURLToPath(new URL("../../docs/conformance.md", import.meta.url));
  const arguments_ = process.argv.slice(2);
  const command = ["npm run conformance", ...(arguments_.length > 0 ? ["--"] : []), ...arguments_];
  writeFileSync(page, conformancePage(results, folders, command.join(" ")));
}
const allCases = results.flatMap(({ cases }) => cases);
process.exitCode = identicalOf(allCases) === allCases.length ? 0 : 1;
