// Translates the TypeScript of the tests, and of what they import, to JavaScript in build/tests. There Node runs
// it by itself: hooks that translate while a process starts take longer than most test files do.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { translationOf } from "./test-files.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = join(root, "build/tests");
const FOLDERS = ["test", "fuzz", "bench/src", "bench/test", "bench/node", "examples"];

function sourcesOf(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      return ["node_modules", "data", "consumer"].includes(entry.name) ? [] : sourcesOf(path);
    }
    return /(?<!\.d)\.ts$|\.mjs$/.test(path) ? [path] : [];
  });
}

/**
 * Modules import each other as they do where they stand; src is taken from the build, and node:test has limits
 * of time.
 */
const imports = {
  name: "imports",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /.*/ }, ({ kind, path, importer }) => {
      if (kind === "entry-point") return undefined;
      if (path !== "node:test" && !path.startsWith(".")) return { path, external: true };
      const from = dirname(join(root, translationOf(relative(root, importer))));
      const to = (target) => {
        const found = relative(from, target).replaceAll("\\", "/");
        return { path: found.startsWith(".") ? found : `./${found}`, external: true };
      };
      if (path === "node:test") return to(join(root, "scripts/limited-tests.mjs"));
      const inSource = relative(root, resolve(dirname(importer), path)).replaceAll("\\", "/");
      const translated = inSource.replace(/\.(ts|mjs)$/, ".js");
      return translated.startsWith("src/")
        ? to(join(root, "dist", translated.slice("src/".length)))
        : to(join(out, translated));
    });
    onLoad({ filter: /\.(ts|mjs)$/ }, ({ path }) => {
      // paths from import.meta.url are those of the source; on its first line, so that lines stay what they are
      const url = JSON.stringify(pathToFileURL(path).href);
      const contents = `const urlOfSource = ${url}; ${readFileSync(path, "utf8")}`;
      return { contents, loader: path.endsWith(".ts") ? "ts" : "js" };
    });
  },
};

export async function translateTests() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: FOLDERS.flatMap(sourcesOf),
    outbase: root,
    outdir: out,
    write: false,
    bundle: true,
    treeShaking: false,
    format: "esm",
    platform: "node",
    target: "node20",
    define: { "import.meta.url": "urlOfSource" },
    sourcemap: "inline",
    sourcesContent: false,
    logLevel: "warning",
    plugins: [imports],
  });
  for (const { path, text } of outputFiles) {
    mkdirSync(dirname(path), { recursive: true });
    // one that another run may be loading stays as it is
    if (readOrNothing(path) !== text) writeFileSync(path, text);
  }
}

function readOrNothing(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
