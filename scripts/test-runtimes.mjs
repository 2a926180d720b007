// Runs the tests on the runtimes that test/runtimes installs: those of `npm test` on Node 24, those of lifetimes,
// loaders, workers, packs and the command line, slow ones too, on Node 22, 24 and 26, and test/runtimes/smoke.mjs on
// all of them, Bun and Deno. The smoke program must print the same everywhere.
//
//   npm ci --prefix test/runtimes && npm run build && node scripts/test-runtimes.mjs

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runTests, toEndSafely } from "./run-tests.mjs";
import { commonTests, everyTest, processesOf } from "./test-files.mjs";

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

// the longest process takes five minutes on two busy cores
const PROCESS_ENDS = 20 * 60_000;

let failures = 0;

/** What has been printed; undefined where it has failed. */
async function report(title, minutes, run) {
  const start = Date.now();
  const { status, signal, stdout } = await run({
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
  // the last words of what names no failing tests: it was ended in the middle, or has none
  const failing = stdout.indexOf("failing tests");
  console.log(failing < 0 ? stdout.slice(-20_000) : stdout.slice(failing).slice(0, 20_000));
  return undefined;
}

let expected;
for (const { name, command } of runtimes) {
  const [program, ...parameters] = [...command, "test/runtimes/smoke.mjs"];
  const printed = await report(`${name}, smoke program`, 5, (options) =>
    spawnSync(program, parameters, options),
  );
  expected ??= printed;
  if (printed === undefined || printed === expected) continue;
  failures += 1;
  console.log(`${name} gives other numbers: ${printed.trim()}, not ${expected.trim()}`);
}
for (const { version, program } of nodes) {
  const files = [...new Set([...(version === 24 ? commonTests : []), ...essentialTests])];
  await report(`Node ${version}, ${files.length} test files`, 30, async (options) => {
    const flags = [...toEndSafely, "--test-reporter=spec", `--test-timeout=${PROCESS_ENDS}`];
    const { unfinished, ...ran } = await runTests(processesOf(files), flags, { program, options });
    for (const file of unfinished) console.log(`its process ended or timed out: ${file}`);
    return ran;
  });
}
process.exitCode = failures === 0 ? 0 : 1;
