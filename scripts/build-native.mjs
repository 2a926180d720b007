// Builds the addon for the Node that runs this, on every core.
//
//   node scripts/build-native.mjs               # the addon
//   node scripts/build-native.mjs --programs    # the native test program and those of the benchmark, too

import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const cmakeJs = join(
  dirname(createRequire(import.meta.url).resolve("cmake-js/package.json")),
  "bin/cmake-js",
);
const { status } = spawnSync(
  process.execPath,
  [
    ...[cmakeJs, "compile", "--prefer-make", "--CDBUILD_TESTING=ON"],
    ...["--parallel", String(availableParallelism())],
    ...(process.argv.includes("--programs") ? [] : ["--target", "pixtok"]),
  ],
  { cwd: fileURLToPath(new URL("..", import.meta.url)), stdio: "inherit" },
);
process.exitCode = status ?? 1;
