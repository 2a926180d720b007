// examples/embed-search: that pictures are found by what they show. Its packages, 400 MB, are installed by
// `npm ci --prefix examples/embed-search`.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import sharp from "sharp";
import { startHub } from "../support/hub-server.js";
import { installedExample } from "../support/installed-example.js";

const example = installedExample("embed-search");

const folder = mkdtempSync(join(tmpdir(), "pixtok-search-"));
after(() => rmSync(folder, { recursive: true }));

async function run(parameters: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  return `${(await example.run(parameters, undefined, env)).join("\n")}\n`;
}

const exampleFolder = fileURLToPath(new URL("../../examples/embed-search", import.meta.url));
const pictures = join(folder, "pictures");

/** A picture of each of three shapes, and a file that is none. */
async function drawPictures(): Promise<void> {
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
  before(drawPictures);

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

  test("takes paths that start where npm was called, and not in its own folder", async () => {
    cpSync(join(exampleFolder, "model"), join(folder, "a model"), { recursive: true });
    const start = async (...parameters: string[]) => {
      const given = ["start", "--silent", "--prefix", exampleFolder, "--", ...parameters];
      const { stdout } = await promisify(execFile)("npm", given, { cwd: folder });
      return stdout;
    };
    const given = ["--model", "a model", "--database", "here"];
    const indexed = await start("index", "pictures", ...given);
    assert.equal(indexed, `3 pictures of ${pictures} are in ${join(folder, "here")}\n`);
    const text = "a red square on a white background";
    const stdout = await start("search", text, ...given, "--count", "1");
    assert.deepEqual(foundIn(`\n${stdout}`).get(text), ["red.jpg"], stdout);
  });

  test("takes a model of the hub, one with a gate too, and keeps its files", async () => {
    const names = [
      "preprocessor_config.json",
      "tokenizer.json",
      "tokenizer_config.json",
      "onnx/vision_model.onnx",
      "onnx/text_model.onnx",
    ];
    const files = names.map((name) => [name, readFileSync(join(exampleFolder, "model", name))]);
    const commit = "5".repeat(40);
    const hub = await startHub({
      "scenes/small-clip": {
        refs: { main: commit },
        gate: "hf_of_a_test",
        commits: { [commit]: Object.fromEntries(files) as Record<string, Buffer> },
      },
    });
    const env = {
      HF_ENDPOINT: hub.url,
      HF_HUB_CACHE: join(folder, "cache"),
      HF_TOKEN: "hf_of_a_test",
      INIT_CWD: folder,
    };
    const given = ["--model", "scenes/small-clip", "--database", "of the hub"];
    const bodies = () =>
      hub.requests.filter(({ method, path }) => method === "GET" && /^\/[0-9a-f]{64}$/.test(path));
    try {
      assert.match(await run(["index", "pictures", ...given], env), /^3 pictures of /m);
      const fetched = bodies().length;
      const text = "a blue triangle on a white background";
      const stdout = await run(["search", text, ...given, "--count", "1"], env);
      assert.deepEqual(foundIn(`\n${stdout}`).get(text), ["blue.jpg"], stdout);
      assert.ok(fetched > 0);
      assert.equal(bodies().length, fetched, "the files are fetched once");
    } finally {
      await hub.close();
    }
  });
});
