// examples/embed-search: that pictures are found by what they show. Its packages, 400 MB, are installed by
// `npm ci --prefix examples/embed-search`.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import sharp from "sharp";
import { installedExample } from "../support/installed-example.js";

const example = installedExample("embed-search");

const folder = mkdtempSync(join(tmpdir(), "pixtok-search-"));
after(() => rmSync(folder, { recursive: true }));

async function run(parameters: readonly string[]): Promise<string> {
  return `${(await example.run(parameters)).join("\n")}\n`;
}

/** What was found for each text, the best first. */
function foundIn(stdout: string): Map<string, string[]> {
  const [, ...answers] = stdout.split("\n\n");
  return new Map(
    answers.map((answer) => {
      const [text = "", ...lines] = answer.trimEnd().split("\n");
      return [text, lines.map((line) => line.replace(/^ {2}-?\d\.\d{3} {2}/, ""))];
    }),
  );
}

describe("embed-search", { skip: example.skip, timeout: 600_000 }, () => {
  test("compiles", async () => {
    assert.deepEqual(await example.typeErrors(), []);
  });

  test("finds drawn scenes by their captions", { timeout: 600_000 }, async () => {
    const stdout = await run([]);
    assert.match(stdout, /^240 pictures of /);
    const [, share] = /^(\d+) % of the pictures are among the first 5 /m.exec(stdout) ?? [];
    assert.ok(Number(share) >= 60, stdout); // by chance 2
  });

  test("finds pictures of a folder, and leaves out what is none", async () => {
    const pictures = join(folder, "pictures");
    const shapes = {
      red: '<rect x="120" y="80" width="160" height="160" fill="#d22"/>',
      green: '<circle cx="200" cy="150" r="90" fill="#293"/>',
      blue: '<path d="M200 60L300 240H100Z" fill="#25c"/>',
    };
    mkdirSync(pictures);
    for (const [colour, shape] of Object.entries(shapes)) {
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300"><rect width="400" height="300" fill="#eee"/>${shape}</svg>`;
      await sharp(Buffer.from(svg))
        .jpeg()
        .toFile(join(pictures, `${colour}.jpg`));
    }
    writeFileSync(join(pictures, "broken.jpg"), "no picture");

    const given = ["--database", join(folder, "database")];
    const indexed = await run(["index", pictures, ...given]);
    assert.match(indexed, /^3 pictures of /);
    for (const [text, picture] of [
      ["a red square on a white background", "red.jpg"],
      ["a green circle on a white background", "green.jpg"],
      ["a blue triangle on a white background", "blue.jpg"],
    ] as const) {
      const stdout = await run(["search", text, ...given, "--count", "1"]);
      assert.deepEqual(foundIn(`\n${stdout}`).get(text), [picture], stdout);
    }
  });
});
