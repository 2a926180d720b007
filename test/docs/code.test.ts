// The code of the pages compiles against the published types, and runs: programs.ts says how blocks
// become programs, workspace.ts which files they find.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { transformSync } from "esbuild";
import * as pixtok from "pixtok";
import { runCommand } from "../support/command-line.js";
import { pages, root, textOf } from "./pages.js";
import { type Program, programsOf } from "./programs.js";
import { fillWorkspace } from "./workspace.js";

/** Where packages are that are too large for everybody, and the commands that install them. */
const elsewhere: Record<string, string> = {
  "onnxruntime-node": "test/onnx",
  "onnxruntime-common": "test/onnx",
  "@tensorflow/tfjs-core": "test/trainers",
  "@tensorflow/tfjs-backend-cpu": "test/trainers",
  "@jax-js/jax": "test/trainers",
  "@huggingface/transformers": "test/consumer",
};

// within the project, whose own name leads to its package
const out = join(root, "build/docs-programs");
const documented = pages.filter((page) => page === "README.md" || page.startsWith("docs/"));
const programs = documented.flatMap((page) => programsOf(page, textOf(page)));
const fileOf = (program: Program) => `program-${programs.indexOf(program)}.ts`;
const runFileOf = (program: Program) => `run-${programs.indexOf(program)}.mjs`;
const missing = ({ packages }: Program) =>
  packages.find((name) => {
    const folder = elsewhere[name];
    return folder !== undefined && !existsSync(join(root, folder, "node_modules", name));
  });

let diagnostics: string[];

before(() => {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  for (const [name, folder] of Object.entries(elsewhere)) {
    const from = join(root, folder, "node_modules", name);
    if (!existsSync(from)) continue;
    mkdirSync(dirname(join(out, "node_modules", name)), { recursive: true });
    symlinkSync(from, join(out, "node_modules", name), "junction");
  }
  for (const program of programs) {
    writeFileSync(join(out, fileOf(program)), program.compiled);
    const { code } = transformSync(program.run, { loader: "ts", sourcemap: "inline" });
    writeFileSync(join(out, runFileOf(program)), code);
  }
  const config = {
    extends: "../../tsconfig.json",
    compilerOptions: {
      noEmit: true,
      rootDir: ".",
      noUnusedLocals: false,
      noUncheckedIndexedAccess: false,
    },
    include: ["*.ts"],
  };
  writeFileSync(join(out, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", out, "--pretty", "false"], {
    cwd: out,
    encoding: "utf8",
  });
  diagnostics = stdout.split("\n").filter((line) => line.includes("error TS"));
});

after(() => rmSync(out, { recursive: true, force: true }));

/** Calls `run` with a folder of its own as the current one, without output. */
async function inWorkspace(run: () => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "pixtok-docs-"));
  const [before, { log }, environment] = [process.cwd(), console, { ...process.env }];
  fillWorkspace(folder);
  process.env.PATH = `${join(folder, "bin")}${delimiter}${environment.PATH}`;
  delete process.env.CUDA_VISIBLE_DEVICES;
  process.chdir(folder);
  console.log = () => {};
  try {
    await run();
  } finally {
    console.log = log;
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, environment);
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true });
  }
}

for (const page of new Set(programs.map((program) => program.page))) {
  describe(page, () => {
    for (const program of programs.filter((one) => one.page === page)) {
      const name = missing(program);
      const skip =
        name !== undefined && `${name} is not installed: npm ci --prefix ${elsewhere[name]}`;
      test(program.heading || "the beginning", { skip }, async () => {
        const found = diagnostics.filter((line) => line.startsWith(`${fileOf(program)}(`));
        assert.deepEqual(found, []);
        await inWorkspace(async () => {
          for (const command of program.commands) {
            const words = command.match(/"[^"]*"|\S+/g) ?? [];
            const [, , ...parameters] = words.map((word) => word.replace(/^"(.*)"$/, "$1"));
            const { code, stderr } = await runCommand(...parameters);
            assert.equal(code, 0, stderr);
          }
          if (program.run !== "") await import(pathToFileURL(join(out, runFileOf(program))).href);
        });
      });
    }
  });
}

/** transformers.js is too large to be installed; test/training has its adapter. */
const notRun = ["toTransformers"];

test("every exported function and class is in an example that runs", () => {
  const code = programs.map(({ run }) => run.replace(/^import .*$/gm, "")).join("\n");
  const exported = Object.entries(pixtok).filter(([, value]) => typeof value === "function");
  const unused = exported.filter(([name]) => !new RegExp(`\\b${name}\\b`).test(code));
  assert.deepEqual(
    unused.map(([name]) => name),
    notRun,
  );
});
