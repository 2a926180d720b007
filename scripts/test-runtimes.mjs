// Runs the tests on the runtimes that test/runtimes installs: every test on Node 24, those of lifetimes,
// loaders, workers, packs and the command line on Node 22 and 26, and test/runtimes/smoke.mjs on all of
// them, Bun and Deno. The smoke program must print the same everywhere.
//
//   npm ci --prefix test/runtimes && npm run build && node scripts/test-runtimes.mjs

import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { everyTest } from "./test-files.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const installed = (path) => `${root}test/runtimes/node_modules/${path}`;
const nodes = [22, 24, 26].map((version) => ({
  version,
  program: installed(`node-${version}/bin/node`),
}));
const runtimes = [
  { name: `Node ${process.versions.node}`, command: [process.execPath] },
  ...nodes.map(({ version, program }) => ({ name: `Node ${version}`, command: [program] })),
  { name: "Bun", command: [installed("@oven/bun-linux-x64/bin/bun")] },
  { name: "Deno", command: [installed("@deno/linux-x64-glibc/deno"), "run", "--allow-all"] },
];

const essentialTests = everyTest.filter((file) =>
  /^test\/(loader|packing|native|cli)\/|\/(bad-samples|batch-|dataset\.|lifetime|killed-|pack-)/.test(
    file,
  ),
);

let failures = 0;

/** What the program has printed; undefined where it has failed. */
function run(title, [program, ...parameters], minutes) {
  const start = Date.now();
  const { status, signal, stdout } = spawnSync(program, parameters, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 2 ** 28,
    timeout: minutes * 60_000,
  });
  const seconds = Math.round((Date.now() - start) / 1000);
  if (status === 0) {
    console.log(`${title}: ok, ${seconds} s`);
    return stdout;
  }
  failures += 1;
  console.log(`${title}: failed (${signal ?? `exit ${status}`}), ${seconds} s`);
  console.log(stdout.slice(stdout.indexOf("failing tests")).slice(0, 20_000));
  return undefined;
}

let expected;
for (const { name, command } of runtimes) {
  const printed = run(`${name}, smoke program`, [...command, "test/runtimes/smoke.mjs"], 5);
  expected ??= printed;
  if (printed === undefined || printed === expected) continue;
  failures += 1;
  console.log(`${name} gives other numbers: ${printed.trim()}, not ${expected.trim()}`);
}
for (const { version, program } of nodes) {
  const files = version === 24 ? everyTest : essentialTests;
  const flags = [
    "--import",
    "tsx",
    "--expose-gc",
    "--test",
    "--test-reporter=spec",
    `--test-concurrency=${availableParallelism()}`,
  ];
  run(`Node ${version}, ${files.length} test files`, [program, ...flags, ...files], 30);
}
process.exitCode = failures === 0 ? 0 : 1;
