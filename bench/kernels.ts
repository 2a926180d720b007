import { Command } from "commander";
import { parsePositiveInteger, parseSeconds, pythonOption } from "./command-line.js";
import { kernelPrograms } from "./kernel-programs.js";
import { raceKernels } from "./kernel-race.js";
import type { KernelResults } from "./kernel-results.js";
import { kernelNotes, kernelTables } from "./kernel-tables.js";
import { publicCommand, publicPath } from "./public-text.js";
import { installedPython } from "./python-interpreter.js";
import { writeResults } from "./results-files.js";
import { writeResultsPage } from "./results-page.js";
import { describeSurroundings } from "./surroundings.js";
import { plainTable } from "./table.js";

interface CommandLine {
  rounds: number;
  seconds: number;
  python?: string;
}

const {
  rounds,
  seconds,
  python = installedPython(),
} = new Command("npm run bench:kernels --")
  .description("Times pixtok's resize beside Pillow's, OpenCV's and fast_image_resize's.")
  .option("--rounds <count>", "measurements of each program", parsePositiveInteger, 5)
  .option("--seconds <time>", "for each case in a round", parseSeconds, 0.5)
  .addOption(pythonOption())
  .parse()
  .opts<CommandLine>();

const surroundings = await describeSurroundings(python);
const results: KernelResults = {
  ...surroundings,
  command: publicCommand("bench:kernels"),
  settings: { rounds, seconds },
  ...(await raceKernels({ programs: kernelPrograms(python), rounds, seconds })),
};
for (const { title, table } of kernelTables(results)) {
  process.stdout.write(`\n${title}\n${plainTable(table)}\n`);
}
process.stdout.write(`\n${kernelNotes(results).join("\n")}\n`);

const file = await writeResults("kernels", results);
process.stdout.write(`written to ${publicPath(file)}\n`);
await writeResultsPage();
if (results.missing.some(({ status }) => status === "failed")) process.exitCode = 1;
