// examples/embed-search: that pictures are found by what they show. Its packages, 400 MB, are installed by
// `npm ci --prefix examples/embed-search`.

import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import sharp from "sharp";
import { startHubServer } from "../support/hub-server.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const example = join(root, "examples/embed-search");
const installed = existsSync(join(example, "node_modules"));
const skip = !installed && "it is not installed: npm ci --prefix examples/embed-search";

const folder = mkdtempSync(join(tmpdir(), "pixtok-search-"));
after(() => rmSync(folder, { recursive: true }));

async function run(
  parameters: readonly string[],
  environment: Record<string, string> = {},
): Promise<string> {
  const program = ["--import", "tsx", "examples/embed-search/main.ts", ...parameters];
  const options = { cwd: root, env: { ...process.env, ...environment } };
  return (await promisify(execFile)(process.execPath, program, options)).stdout;
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

describe("embed-search", { skip, timeout: 600_000 }, () => {
  test("compiles", () => {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { stdout } = spawnSync(process.execPath, [tsc, "-p", example], { encoding: "utf8" });
    assert.equal(stdout, "");
  });

  test("finds drawn scenes by what their captions say", { timeout: 600_000 }, async () => {
    const stdout = await run([]);
    assert.match(stdout, /^240 pictures of /);
    const found = foundIn(stdout);
    assert.deepEqual(
      [...found.values()].map((captions) => captions.length),
      [5, 5, 5],
    );
    // a shape of a colour is in one of fifty scenes
    for (const [text, captions] of found) {
      const [, colour, shape] = /(\w+) (\w+?)s?$/.exec(text) ?? [];
      const right = captions.filter((caption) => caption.includes(`${colour} ${shape}`));
      assert.ok(right.length >= 3, `${text}: ${captions.join("; ")}`);
    }
  });

  test("finds a folder's pictures again, with a model of the hub", async () => {
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

    const hub = await startHubServer();
    try {
      const model = join(example, "model");
      const names = readdirSync(model, { recursive: true, encoding: "utf8" }).filter((name) =>
        /\.(json|onnx)$/.test(name),
      );
      const files = Object.fromEntries(
        names.map((name) => [name, readFileSync(join(model, name))]),
      );
      hub.repos["somebody/small-clip"] = {
        refs: { main: "a".repeat(40) },
        commits: { ["a".repeat(40)]: files },
      };
      const environment = { HF_ENDPOINT: hub.url, HF_HOME: join(folder, "hub") };
      const given = ["--model", "somebody/small-clip", "--database", join(folder, "database")];
      const indexed = await run(["index", pictures, ...given], environment);
      assert.match(indexed, /^3 pictures of /);
      for (const [text, picture] of [
        ["a red square on a white background", "red.jpg"],
        ["a green circle on a white background", "green.jpg"],
        ["a blue triangle on a white background", "blue.jpg"],
      ] as const) {
        const stdout = await run(["search", text, ...given, "--count", "1"], environment);
        assert.deepEqual(foundIn(`\n${stdout}`).get(text), [picture], stdout);
      }
    } finally {
      await hub.close();
    }
  });
});
