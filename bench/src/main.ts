/** The benchmark's command line: a command for each suite. */
import { Command } from "commander";
import { progress } from "./measuring/turns.js";
import { describeEnvironment } from "./reporting/environment.js";
import { publicCommand, publicPath } from "./reporting/public-text.js";
import { writeResults, writeResultsPage } from "./reporting/results-files.js";
import { plainTable } from "./reporting/table.js";
import {
  type OutputOptions,
  outputOption,
  type SetupOptions,
  setupOptions,
} from "./setup/options.js";
import { withSetup } from "./setup/setup.js";
import type { Suite } from "./suite.js";
import { DEFAULT_SUITE, suites } from "./suites/index.js";

type CommandLine = SetupOptions & OutputOptions;

/** What was given after the command's name. */
function givenOptions(): string[] {
  const [first, ...rest] = process.argv.slice(2);
  return first === undefined || first.startsWith("-") ? process.argv.slice(2) : rest;
}

async function runSuite(suite: Suite, options: CommandLine): Promise<void> {
  const results = await withSetup(options, async (setup) => ({
    ...(await describeEnvironment(setup.python)),
    command: publicCommand(suite.name, givenOptions()),
    ...(await suite.run(setup, options)),
  }));
  for (const { title, table } of suite.tables(results)) {
    process.stdout.write(`\n${title === undefined ? "" : `${title}\n`}${plainTable(table)}\n`);
  }
  process.stdout.write(`\n${suite.notes(results).join("\n")}\n`);
  const file = await writeResults(options.out, suite, results);
  process.stdout.write(`written to ${publicPath(file)}\n`);
  await writeResultsPage(options.out, suites);
  if (suite.hasFailed?.(results)) process.exitCode = 1;
}

function addOptions(command: Command, options: readonly ReturnType<typeof outputOption>[]) {
  for (const option of options) command.addOption(option);
  return command;
}

/** The defaults of a suite's own options, for a command that does not have them. */
function defaultsOf(suite: Suite): Record<string, unknown> {
  return Object.fromEntries(
    suite.options.map((option) => [option.attributeName(), option.defaultValue]),
  );
}

const program = new Command("npm run bench --").description(
  "Measures pixtok. Without a command it runs the first suite.",
);
for (const suite of suites) {
  addOptions(
    program
      .command(suite.name, { isDefault: suite.name === DEFAULT_SUITE })
      .description(suite.description),
    [...suite.options, ...setupOptions(), outputOption()],
  ).action((options: CommandLine) => runSuite(suite, options));
}
addOptions(program.command("all").description("All of these, one after the other."), [
  ...setupOptions(),
  outputOption(),
]).action(async (options: CommandLine) => {
  for (const suite of suites) {
    progress(suite.name);
    await runSuite(suite, { ...defaultsOf(suite), ...options });
  }
});
addOptions(program.command("report").description("Writes RESULTS.md anew, from latest results."), [
  outputOption(),
]).action(({ out }: OutputOptions) => writeResultsPage(out, suites));

await program.parseAsync();
