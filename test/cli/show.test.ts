import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import sharp from "sharp";
import { runCommand } from "../support/command-line.js";
import { fixture } from "../support/fixtures.js";
import { documentOf, type PageElement, textsOf } from "../support/html.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-show-"));
after(() => rmSync(folder, { recursive: true }));

const rows = ["jpeg-17x33.jpg", "png-1x1.png", "jpeg-7x5.jpg"].map((image, label) => ({
  image,
  text: `Image ${label}!`,
  label,
  box: [1, 2, 3, 4],
}));
const manifest = join(folder, "pairs.jsonl");
writeFileSync(manifest, rows.map((row) => JSON.stringify(row)).join("\n"));
const source = [manifest, "--root", fixture("images")];
const tokenizer = ["--tokenizer", fixture("wordpiece")];

async function show(...parameters: string[]): Promise<PageElement> {
  const out = join(folder, "page.html");
  const { code, stdout, stderr } = await runCommand("show", ...parameters, "--out", out);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: `${out}\n` }, stderr);
  return documentOf(readFileSync(out, "utf8"));
}

describe("pixtok show", () => {
  test("writes a page of pairs with all of their columns, tokens and statistics", async () => {
    const page = await show(...source, ...tokenizer);
    assert.deepEqual(
      textsOf(page, ".caption"),
      rows.map(({ text }) => text),
    );
    assert.deepEqual(textsOf(page, ".columns dt").slice(0, 2), ["label", "box"]);
    assert.equal(page.querySelectorAll(".tokens").length, 3);
    assert.match(page.querySelector("#statistics")?.textContent ?? "", /3 pairs, 150,528 pixels/);
  });

  test("shows texts as they are where no tokenizer is named", async () => {
    const page = await show(...source);
    assert.deepEqual(
      textsOf(page, ".caption"),
      rows.map(({ text }) => text),
    );
    assert.equal(page.querySelectorAll(".tokens, .cleaned, [name=least]").length, 0);
  });

  test("shows a packed set by its own tokenizer", async () => {
    const packed = join(folder, "packed");
    await runCommand("pack", ...source, ...tokenizer, "--columns", "auto", "--out", packed);
    const page = await show(packed);
    assert.equal(page.querySelectorAll(".tokens").length, 3);
    assert.deepEqual(new Set(textsOf(page, ".columns dt")), new Set(["label", "box"]));
  });

  test("shows what has no texts and no columns, too", async () => {
    const images = join(folder, "images");
    mkdirSync(images);
    writeFileSync(join(images, "a.png"), readFileSync(fixture("images/png-1x1.png")));
    const page = await show(images, "--no-texts");
    assert.equal(page.querySelectorAll(".card").length, 1);
    const coco = join(folder, "captions.json");
    const captions = {
      images: [{ id: 1, file_name: "jpeg-7x5.jpg" }],
      annotations: [{ id: 1, image_id: 1, caption: "a caption" }],
    };
    writeFileSync(coco, JSON.stringify(captions));
    const shown = await show(coco, "--root", fixture("images"));
    assert.deepEqual(textsOf(shown, ".caption"), ["a caption"]);
  });

  test("takes its options", async () => {
    const page = await show(
      ...source,
      ...["--samples", "2", "--random", "--seed", "3", "--draws", "2", "--stats-samples", "0"],
      ...["--augment", 'randomResizedCrop:{"scale":[0.5,1]},horizontalFlip:0.5'],
      ...["--augment", "randomResizedCrop", "--augment", '{"horizontalFlip":1}'],
      ...["--boxes", "box:xywh"],
    );
    assert.equal(page.querySelectorAll(".card").length, 2);
    assert.equal(page.querySelector("#statistics"), null);
    assert.deepEqual(textsOf(page, ".card:first-child .draws code").slice(0, 3), [
      "randomResizedCrop: { scale: [0.5, 1] }, horizontalFlip: 0.5",
      "randomResizedCrop: {}",
      "horizontalFlip: 1",
    ]);
    assert.equal(page.querySelectorAll(".draws img").length, 2 * 3 * 2);
    assert.match(page.textContent, /boxes \(box\)\s*left, top, width, height/);
  });

  test("writes a contact sheet where the file is to be a PNG, by its name in any case", async () => {
    const out = join(folder, "sheet.PNG");
    assert.equal((await runCommand("show", ...source, "--out", out)).code, 0);
    const { format, width = 0, height = 0 } = await sharp(out).metadata();
    assert.equal(format, "png");
    assert.ok(width === 20 + 3 * 244 && height >= 20 + 224 + 20, `${width} x ${height}`);
  });

  test("says as JSON where it is", async () => {
    const out = join(folder, "json.html");
    const { stdout } = await runCommand("show", ...source, "--out", out, "--json");
    assert.deepEqual(JSON.parse(stdout), { file: out, bytes: readFileSync(out).length });
  });

  for (const [what, options, message] of [
    ["another file", ["--out", "page.pdf"], /Expected a file that ends in \.html or \.png/],
    ["no augmentation", ["--augment", "{"], /Expected names with their values/],
    ["an unknown augmentation", ["--augment", "flop:1"], /augmentation: unknown option "flop"/],
    ["an unknown name", ["--augment", "flop"], /augmentation: expected .*, got "flop"/],
    ["no format of boxes", ["--boxes", "box:yx"], /Expected columns with what their numbers are/],
    ["a column twice", ["--boxes", "box:xyxy,box:xywh"], /box is given twice/],
  ] as [string, string[], RegExp][]) {
    test(`refuses ${what}`, async () => {
      const { code, stderr } = await runCommand("show", ...source, ...options);
      assert.equal(code, 1);
      assert.match(stderr, message);
    });
  }
});

test("pixtok stats says what it has counted, also where its page cannot be written", async () => {
  const { code, stdout, stderr } = await runCommand(
    ...["stats", ...source, ...tokenizer],
    ...["--html", join(manifest, "page.html")],
  );
  assert.match(stdout, /^pairs {3}3\npixels {2}150528\n/);
  assert.match(stderr, /page\.html": .*(not a directory|ENOTDIR|file already exists)/s);
  assert.equal(code, 1);
});
