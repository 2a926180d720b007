import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "pixtok-bundle-"));
symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "junction");
after(() => rmSync(folder, { recursive: true }));

async function errorOfBundle(name: string, call: string): Promise<string> {
  const outfile = join(folder, `${name}.mjs`);
  await build({
    stdin: {
      contents: `import { ImageProcessor, runtimeInfo } from "pixtok"; ${call}`,
      resolveDir: root,
    },
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["sharp", "tokenizers"],
    outfile,
    logLevel: "silent",
  });
  const { status, stderr } = spawnSync(process.execPath, [outfile], { encoding: "utf8" });
  assert.equal(status, 1, stderr);
  return stderr;
}

test("a bundle that has pixtok in it ends with what to do about it", async () => {
  const stderr = await errorOfBundle(
    "image",
    'await ImageProcessor.standard().process(["none.jpg"]);',
  );
  assert.match(stderr, /PixtokError: pixtok seems to be part of a bundle.*mark it as external/);
  assert.match(stderr, /code: 'ADDON_NOT_FOUND'/);
});

test("so does one that asks for the runtime's information first", async () => {
  assert.match(await errorOfBundle("info", "runtimeInfo();"), /PixtokError: .*mark it as external/);
});
