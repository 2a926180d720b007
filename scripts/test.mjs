// Runs the tests against the build. Parameters of node --test (--test-name-pattern=…) are handed on.
//
//   npm run build && node scripts/test.mjs                   # every test but those of packages
//   npm run build:ts && node scripts/test.mjs --fast         # the rooms of src, without test/slow
//   node scripts/test.mjs test/order/sampler.test.ts         # these files

import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { everyTest, fastTests } from "./test-files.mjs";

const given = process.argv.slice(2);
const files = given.filter((argument) => !argument.startsWith("--"));
const flags = given.filter((argument) => argument.startsWith("--") && argument !== "--fast");
const listed = given.includes("--fast") ? fastTests : everyTest;

const { status } = spawnSync(
  process.execPath,
  [
    ...["--import", "tsx", "--expose-gc", "--test"],
    `--test-concurrency=${availableParallelism()}`,
    // a file that hangs ends; the longest takes five minutes on two busy cores
    "--test-timeout=1200000",
    ...["--test-reporter=spec", "--test-reporter-destination=stdout"],
    ...["--test-reporter=./scripts/skipped-tests.mjs", "--test-reporter-destination=stdout"],
    ...flags,
    ...(files.length > 0 ? files : listed),
  ],
  { cwd: fileURLToPath(new URL("..", import.meta.url)), stdio: "inherit" },
);
process.exitCode = status ?? 1;
