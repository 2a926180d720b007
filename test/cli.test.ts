import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { computeStats, MultimodalDataset, openManifest, Tokenizer } from "pixtok";
import { fixture } from "./support/fixtures.js";

const program = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "pixtok-cli-"));
after(() => rmSync(folder, { recursive: true }));

interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

function run(...args: string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

function manifestOf(name: string, images: readonly string[]): string {
  const path = join(folder, name);
  const rows = images.map((image, i) => JSON.stringify({ image, text: `picture number ${i}` }));
  writeFileSync(path, rows.join("\n"));
  return path;
}

const tokenizer = fixture("wordpiece");
const manifest = manifestOf("pairs.jsonl", ["jpeg-420.jpg", "png-rgb.png", "webp-lossy.webp"]);
const onPictures = [manifest, "--root", fixture("pictures"), "--tokenizer", tokenizer];

describe("pixtok stats", () => {
  test("prints what computeStats gives, as JSON if asked for", async () => {
    const { code, stdout, stderr } = await run("stats", ...onPictures, "--json");
    const dataset = new MultimodalDataset({
      source: await openManifest(manifest, { root: fixture("pictures") }),
      tokenizer: await Tokenizer.fromPretrained(tokenizer),
    });
    const expected = JSON.parse(JSON.stringify(await computeStats(dataset)));
    assert.deepEqual(JSON.parse(stdout), expected);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  });

  test("prints mean, std and a configuration to paste, and writes a page", async () => {
    const page = join(folder, "stats.html");
    const { code, stdout } = await run("stats", ...onPictures, "--html", page);
    assert.equal(code, 0);
    assert.match(
      stdout,
      /^pairs {3}3\npixels {2}150528\nmean {4}0\.\d{6} {2}0\.\d{6} {2}0\.\d{6}\nstd/,
    );
    assert.match(stdout, /new ImageProcessor\(\{ mean: \[/);
    assert.match(readFileSync(page, "utf8"), /<svg/);
  });
});

describe("pixtok check", () => {
  test("ends with code 0 where all is well", async () => {
    const { code, stdout } = await run("check", ...onPictures);
    assert.match(stdout, /\nok$/m);
    assert.equal(code, 0);
  });

  test("ends with code 1 and says what to do where a picture cannot be read", async () => {
    const bad = manifestOf("bad.jsonl", ["jpeg-420.jpg", "no-such-file.jpg"]);
    const { code, stdout } = await run("check", bad, ...onPictures.slice(1));
    assert.match(stdout, /FILE_NOT_FOUND: sample 1, ".*no-such-file.jpg": no such file/);
    assert.match(stdout, /not ok: mend the errors before training/);
    assert.equal(code, 1);
  });
});

describe("a command that cannot do its work", () => {
  for (const [what, args, message] of [
    [
      "a manifest that is not there",
      ["stats", "none.jsonl", "--tokenizer", tokenizer],
      /no such file/,
    ],
    ["no tokenizer", ["stats", manifest], /required option '--tokenizer <path>'/],
    ["nonsense", ["stats", ...onPictures, "--samples", "0"], /whole number of at least 1/],
  ] as [string, string[], RegExp][]) {
    test(`for ${what} says so and ends with code 1`, async () => {
      const { code, stdout, stderr } = await run(...args);
      assert.match(stderr, message);
      assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    });
  }
});
