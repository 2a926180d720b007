// Runs the tests against the build. Parameters of node --test (--test-name-pattern=…) are handed on.
//
//   npm run build && node scripts/test.mjs                   # all but the slow ones and those of packages
//   npm run build:programs && node scripts/test.mjs --slow   # test/slow, the browser's, the benchmark's
//   npm run build:ts && node scripts/test.mjs --fast         # the rooms of src, without their long files
//   node scripts/test.mjs test/order/sampler.test.ts         # these files, each in a process of its own

import { runTests, toEndSafely } from "./run-tests.mjs";
import { commonTests, fastTests, longTests, processesOf, slowTests } from "./test-files.mjs";

const given = process.argv.slice(2);
const files = given.filter((argument) => !argument.startsWith("--"));
const lists = { "--fast": fastTests, "--slow": slowTests };
const flags = given.filter((argument) => argument.startsWith("--") && !(argument in lists));
const named = Object.keys(lists).find((flag) => given.includes(flag));
const listed = files.length > 0 ? files : named === undefined ? commonTests : lists[named];
// a room would wait for ever for a file of which no test fits --test-name-pattern
const each = files.length > 0 || flags.some((flag) => !flag.startsWith("--test-reporter"));
const processes = each
  ? listed.map((file) => ({ name: file, files: [file], byItself: true }))
  : processesOf(listed);

// the longest process takes five minutes on two busy cores
const PROCESS_ENDS = 20 * 60_000;
// from Node 24 on, --test-timeout ends a test that waits for ever but not one that loops for ever
const options = { timeout: 60 * 60_000 };

/**
 * Tests run most code a few times: to compile it for speed, and to collect garbage by several threads, takes a quarter
 * more processor time than it saves. What tests start, and scripts/test-runtimes.mjs, have both as users have them.
 */
const forShortRuns = [
  "--single-threaded-gc",
  ...(process.version.startsWith("v20.") ? ["--interrupt-budget=1000000"] : toEndSafely),
];

const parameters = [
  ...forShortRuns,
  `--test-timeout=${PROCESS_ENDS}`,
  ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
  ...["--test-reporter=./scripts/skipped-tests.mjs", "--test-reporter-destination=stdout"],
  ...flags,
];
// slow tests make files that are larger than memory may be
const inMemory = !listed.some((file) => slowTests.includes(file));
const { status, unfinished } = await runTests(processes, parameters, { inMemory, options });
for (const file of unfinished) console.log(`failed, its process ended or timed out: ${file}`);
if (listed === fastTests) {
  console.log(
    `left out as long: ${longTests.size} files of the rooms, and all other tests; npm run test:node runs them`,
  );
} else if (listed === commonTests) {
  console.log(`left out as slow: ${slowTests.length} files; npm run test:slow runs them`);
}
process.exitCode = status ?? 1;
