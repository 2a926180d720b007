// The published types, in the eyes of programs that are outside the checkout: test/consumer. Compilers and
// types beside the project's own are installed by `npm ci --prefix test/consumer`.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { extract } from "tar";

const root = fileURLToPath(new URL("../..", import.meta.url));
const consumer = join(root, "test/consumer");
const { version } = createRequire(import.meta.url)(join(root, "package.json"));
const installed = existsSync(join(consumer, "node_modules"));
const skip = !installed && "it is not installed: npm ci --prefix test/consumer";
let project: string;

before(async () => {
  project = mkdtempSync(join(tmpdir(), "pixtok-consumer-"));
  const pixtok = join(project, "node_modules/pixtok");
  mkdirSync(pixtok, { recursive: true });
  await extract({
    file: join(root, `build/packages/pixtok-${version}.tgz`),
    cwd: pixtok,
    strip: 1,
  });
  cpSync(consumer, project, {
    recursive: true,
    filter: (path) => path === consumer || /\.(ts|json)$/.test(path),
  });
  const link = (folder: string, name: string) => {
    const at = join(project, "node_modules", name);
    mkdirSync(dirname(at), { recursive: true });
    symlinkSync(join(folder, "node_modules", name), at, "junction");
  };
  link(root, "@types/node");
  for (const name of ["@huggingface", "onnxruntime-common"]) link(consumer, name);
});

after(() => rmSync(project, { recursive: true }));

function compile(compiler: string, config: string): void {
  const tsc = join(compiler, "node_modules/typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", `tsconfig.${config}.json`], {
    cwd: project,
    encoding: "utf8",
  });
  assert.deepEqual({ status, stdout }, { status: 0, stdout: "" });
}

describe("the project's TypeScript", () => {
  test("compiles a program for Node with the published types and no others of ours", () => {
    compile(root, "node16");
  });

  test("compiles a program for a bundler without Node's types", () => {
    compile(root, "bundler");
  });

  test("compiles our tensors as arguments of onnxruntime and transformers.js", { skip }, () => {
    compile(root, "tensors");
  });
});

describe("TypeScript 5.9", { skip }, () => {
  for (const config of ["node16", "bundler", "tensors"]) {
    test(`compiles the same with tsconfig.${config}.json`, () => compile(consumer, config));
  }
});
