// What the tests reach: of src by c8 over the Node tests, of native by llvm-cov over its test program. Prints
// a table by room; build/coverage/src and build/coverage/native have a page a file, and lcov.info.
//
//   npm ci --prefix test/coverage && npm run coverage
//   npm run coverage -- test/order/sampler.test.ts               # by these Node tests alone
//
// Needs clang++, llvm-profdata and llvm-cov for native.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

const folder = "build/coverage";

/** Runs a command; its output where it is wanted, otherwise it is shown. */
function run(command, args, { env = {}, captured = false } = {}) {
  const { status, stdout } = spawnSync(command, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", captured ? "pipe" : "inherit", "inherit"],
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(`${command} ${args[0]} failed`);
  return stdout;
}

function coverNative() {
  const build = `${folder}/native-build`;
  const flags = "-O1 -fprofile-instr-generate -fcoverage-mapping";
  const options = [
    "-DBUILD_TESTING=ON",
    "-DCMAKE_BUILD_TYPE=None",
    "-DCMAKE_CXX_COMPILER=clang++",
    `-DCMAKE_CXX_FLAGS=${flags}`,
    `-DPIXTOK_PROGRAM_FOLDER=${process.cwd()}/${build}`,
  ];
  run("cmake", ["-S", ".", "-B", build, ...options]);
  run("cmake", ["--build", build, "--target", "pixtok_test", "--parallel", "2"]);
  const program = `${build}/pixtok_test`;
  const raw = `${build}/tests.profraw`;
  const profile = `${build}/tests.profdata`;
  run(program, ["--cases", "100"], { env: { LLVM_PROFILE_FILE: raw } });
  run("llvm-profdata", ["merge", "-sparse", raw, "-o", profile]);
  const shared = [program, `-instr-profile=${profile}`, "-ignore-filename-regex=native/test/"];
  run("llvm-cov", ["show", ...shared, "-format=html", `-output-dir=${folder}/native`]);
  const lcov = run("llvm-cov", ["export", ...shared, "-format=lcov"], { captured: true });
  writeFileSync(`${folder}/native/lcov.info`, lcov);
}

function coverSource(tests) {
  const c8 = "test/coverage/node_modules/c8/bin/c8.js";
  if (!existsSync(c8)) throw new Error("c8 is missing: npm ci --prefix test/coverage");
  // the build with maps, so that lines are those of src
  run("npx", ["tsc", "-p", "tsconfig.json", "--sourceMap"]);
  const reports = ["html", "lcovonly"].map((reporter) => `--reporter=${reporter}`);
  const places = [`--reports-dir=${folder}/src`, `--temp-directory=${folder}/src-processes`];
  const which = ["--all", "--include=dist/**", "--include=src/**", "--exclude=**/*.d.ts"];
  const suite = ["node", "scripts/test.mjs", ...tests];
  run(process.execPath, [c8, ...reports, ...places, ...which, ...suite]);
}

/** Lines by room, of an lcov file: { room: { lines, reached } }. */
function roomsOf(lcov, tree) {
  const rooms = {};
  let room;
  for (const line of readFileSync(lcov, "utf8").split("\n")) {
    if (line.startsWith("SF:")) {
      const path = line.slice(3).replaceAll("\\", "/");
      const inside = path.slice(path.lastIndexOf(`${tree}/`) + tree.length + 1);
      room = `${tree}/${inside.split("/")[0]}`;
      rooms[room] ??= { lines: 0, reached: 0 };
    } else if (line.startsWith("DA:")) {
      rooms[room].lines += 1;
      if (Number(line.split(",")[1]) > 0) rooms[room].reached += 1;
    }
  }
  return rooms;
}

rmSync(`${folder}/src-processes`, { recursive: true, force: true });
mkdirSync(`${folder}/native`, { recursive: true });
coverNative();
coverSource(process.argv.slice(2));

console.log("\n| room | lines | reached | |\n|---|---:|---:|---:|");
for (const tree of ["native", "src"]) {
  for (const [room, { lines, reached }] of Object.entries(
    roomsOf(`${folder}/${tree}/lcov.info`, tree),
  ).sort()) {
    console.log(`| ${room} | ${lines} | ${reached} | ${((100 * reached) / lines).toFixed(1)} % |`);
  }
}
