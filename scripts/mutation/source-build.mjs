// A copy of the project with a build of its own, in which one file can have a mistake. Tests that run in the
// project meanwhile are not disturbed.

import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { transformSync } from "esbuild";

/** Where the copy is, from the project's root. */
export const copy = "build/mutation/project";

const builtPath = (file) => `${copy}/${file.replace(/^src\//, "dist/").replace(/\.ts$/, ".js")}`;

/** One file as the build has it, and the map to its lines: { code, map }. */
export const translated = (text) =>
  transformSync(text, { loader: "ts", format: "esm", target: "node20", sourcemap: "external" });

/** The files of src, sorted. */
export const sources = () =>
  readdirSync("src", { recursive: true })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `src/${name.replaceAll("\\", "/")}`)
    .sort();

function build(file) {
  const path = builtPath(file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, translated(readFileSync(file, "utf8")).code);
}

/** Makes the copy anew: what git knows of or would add, with the addon of this checkout. */
export async function makeCopy() {
  rmSync(copy, { recursive: true, force: true });
  const known = execFileSync("git", [
    "ls-files",
    "-z",
    "--cached",
    "--others",
    "--exclude-standard",
  ]);
  for (const file of known.toString().split("\0")) {
    if (file !== "") cpSync(file, `${copy}/${file}`, { force: true, errorOnExist: false });
  }
  mkdirSync(`${copy}/build`, { recursive: true });
  for (const folder of ["node_modules", "build/Release"])
    symlinkSync(resolve(folder), `${copy}/${folder}`);
  for (const file of sources()) build(file);
  const { translateTests } = await import(
    pathToFileURL(resolve(copy, "scripts/translate-tests.mjs"))
  );
  await translateTests();
}

/** Runs what is given while a file of the build has another text. */
export async function withText(file, text, run) {
  writeFileSync(builtPath(file), translated(text).code);
  try {
    return await run();
  } finally {
    build(file);
  }
}
