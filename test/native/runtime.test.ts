import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ImageProcessor, runtimeInfo } from "pixtok";
import { runtime } from "../../src/native/runtime.js";

const manifest = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as {
  version: string;
  bin: { pixtok: string };
};

const cli = fileURLToPath(new URL(`../../${manifest.bin.pixtok}`, import.meta.url));

/** What the CLI prints with these environment variables. */
async function run(
  parameters: string[],
  environment: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [cli, ...parameters],
      { env: { ...process.env, ...environment } },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
  });
}

test("runtimeInfo names version, kernel, decoder, resampler and threads", () => {
  const info = runtimeInfo();
  assert.equal(info.version, manifest.version);
  assert.ok(info.kernels.includes(info.kernel));
  assert.ok(info.kernels.includes("scalar"));
  assert.ok(["libjpeg-turbo", "sharp"].includes(info.decoder.name));
  const { library } = runtime().jpeg ?? {};
  assert.equal(info.decoder.name, library ? "libjpeg-turbo" : "sharp");
  assert.equal(info.decoder.library, library?.path);
  assert.equal(info.decoder.version, library?.version ?? info.sharp);
  const { webp } = info.decoder;
  if (webp !== undefined) assert.match(webp.version, /^1\.[3-6]\./);
  assert.equal(info.resampler, new ImageProcessor().config.resampler);
  assert.ok(info.threads >= 1);
});

describe("the environment", () => {
  test("PIXTOK_KERNEL, PIXTOK_DECODER and PIXTOK_THREADS force a choice", async () => {
    const { stdout } = await run(["info"], {
      PIXTOK_KERNEL: "scalar",
      PIXTOK_DECODER: "sharp",
      PIXTOK_THREADS: "3",
    });
    assert.match(stdout, /^kernel +scalar/m);
    assert.match(stdout, /^JPEG decoder +sharp/m);
    assert.match(stdout, /^PNG decoder +sharp/m);
    assert.match(stdout, /^WebP decoder +sharp/m);
    assert.match(stdout, /^threads +3$/m);
  });

  test("is refused with a message, where it is no choice", async () => {
    const { code, stderr } = await run(["info"], { PIXTOK_KERNEL: "sse9" });
    assert.equal(code, 1);
    assert.match(stderr, /PIXTOK_KERNEL: expected scalar, .* got "sse9"/);
    assert.doesNotMatch(stderr, /\n\s+at /, "a message, not a stack trace");
  });
});

describe("the command line", () => {
  test("--help prints the commands and their codes, even where the addon cannot be used", async () => {
    const { code, stdout } = await run(["--help"], { PIXTOK_KERNEL: "sse9" });
    assert.equal(code, 0);
    assert.match(stdout, /^Usage: pixtok .*\binfo .*\bCode 75 says/s);
  });
});
