// The native test program as it is, and with a mistake in one file: what includes the file is compiled anew
// and linked in front of the rest.

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const copy = "build/mutation-native";
const build = `${copy}/build`;
const program = `${copy}/pixtok_test`;

function succeeds(command, options) {
  return spawnSync("sh", ["-c", command], { stdio: "ignore", ...options }).status === 0;
}

/** Builds a copy of the sources; what has not changed since the last time is not compiled again. */
export function buildCopy() {
  rmSync(`${copy}/native`, { recursive: true, force: true });
  rmSync(`${copy}/temporary`, { recursive: true, force: true });
  mkdirSync(`${copy}/temporary`, { recursive: true });
  for (const entry of ["native", "cmake", "CMakeLists.txt"])
    cpSync(entry, `${copy}/${entry}`, { recursive: true, preserveTimestamps: true });
  const options = [
    "-DBUILD_TESTING=ON",
    "-DCMAKE_BUILD_TYPE=None",
    "-DCMAKE_CXX_COMPILER=clang++",
    "-DCMAKE_CXX_FLAGS=-O1",
    "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
  ];
  const configured = succeeds(`cmake -S ${copy} -B ${build} ${options.join(" ")}`);
  const target = "--target pixtok_test --parallel 2";
  if (!configured || !succeeds(`cmake --build ${build} ${target}`, { stdio: "inherit" }))
    throw new Error("the test program cannot be built with clang++");
}

/** The objects of the test program with the files that each is made of: { object, command, sources }. */
function objectsOfProgram() {
  const commands = JSON.parse(readFileSync(`${build}/compile_commands.json`, "utf8"));
  const root = `${process.cwd()}/${copy}/`;
  return commands
    .map(({ command }) => ({ command, object: / -o (\S+) /.exec(command)[1] }))
    .filter(({ object }) => /pixtok_(core|test)\.dir.*\.o$/.test(object))
    .map(({ command, object }) => ({
      object,
      command: command.replace(" -Werror ", " -w "),
      sources: readFileSync(`${build}/${object}.d`, "utf8")
        .replaceAll(root, "")
        .split(/[\s\\]+/),
    }));
}

/**
 * A function that makes a text of a file the program's. It says what this is then: "refused" where it does not
 * compile, "same" where the compiler makes the same of it as before, or "another" program.
 */
export function createRebuild() {
  const objects = objectsOfProgram();
  return (file, text) => {
    const original = readFileSync(`${copy}/${file}`, "utf8");
    const changed = objects.filter(({ sources }) => sources.includes(file));
    writeFileSync(`${copy}/${file}`, text);
    const compiled = changed.every(({ object, command }, i) =>
      succeeds(command.replace(` -o ${object} `, ` -o changed-${i}.o `), { cwd: build }),
    );
    writeFileSync(`${copy}/${file}`, original);
    const isTest = ({ object }) => object.includes("pixtok_test.dir");
    // tests run in the order of the link: those of the file's folder first
    const folders = file.split("/").slice(1, -1);
    const nearness = ({ object }) =>
      folders.filter((_, i) => object.includes(`/test/${folders.slice(0, i + 1).join("/")}/`))
        .length;
    const kept = objects
      .filter((one) => isTest(one) && !changed.includes(one))
      .sort((a, b) => nearness(b) - nearness(a));
    const linked = [
      ...changed.map((_, i) => `changed-${i}.o`),
      ...kept.map(({ object }) => object),
      "libpixtok_core.a",
    ];
    const link = `clang++ -o ../pixtok_test ${linked.join(" ")} -lpthread -ldl`;
    if (!compiled || !succeeds(link, { cwd: build })) return "refused";
    const contents = (object) => readFileSync(`${build}/${object}`);
    const isSame = changed.every(({ object }, i) =>
      contents(object).equals(contents(`changed-${i}.o`)),
    );
    return isSame ? "same" : "another";
  };
}

/**
 * Whether the tests pass. A mistake may have them run or wait for ever, or ask for any memory: seconds of the processor
 * are limited, and, far beyond, those of the clock, on a machine with much other work.
 */
export function testsPass() {
  const folder = `${process.cwd()}/${copy}/temporary`;
  return succeeds(
    `ulimit -v 8000000; ulimit -t 40; exec ${program} --cases 20 --seed 1 --stop yes`,
    {
      env: { ...process.env, TMPDIR: folder },
      timeout: 120_000,
      killSignal: "SIGKILL",
    },
  );
}
