// What a packed set cannot give, and files that are no set, are refused.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { copyFileSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { tableFromIPC } from "apache-arrow";
import {
  ImageProcessor,
  type ImageProcessorOptions,
  MultimodalDataset,
  Tokenizer,
  verifyPack,
} from "pixtok";
import { readPackedFileMetadata } from "../../src/sources/packed/pack-format.js";
import { tokenizerConfig } from "../../src/sources/packed/pack-match.js";
import { fixture } from "../support/fixtures.js";
import { codeOf, dataset, IMAGE, packed, small } from "../support/packs-of-images.js";

describe("what a packed set was not made with is refused, saying what differs:", () => {
  const folder = packed(dataset());
  const image = (options: ImageProcessorOptions) => new ImageProcessor({ ...small, ...options });
  const cases: [string, () => Promise<object>, RegExp][] = [
    ["the size", async () => ({ image: ImageProcessor.standard() }), /image\.resize\.width is 40/],
    ["the filter", async () => ({ image: image({ filter: "bicubic" }) }), /image\.filter is "bil/],
    ["EXIF", async () => ({ image: image({ exifOrientation: true }) }), /exifOrientation is false/],
    [
      "the decoding",
      async () => ({ image: image({ decode: "fast" }) }),
      /image\.decode is "exact"/,
    ],
    ["the length", async () => ({ text: { maxLength: 13 } }), /text\.maxLength is 12 .+ 13/],
    ["the cleaning", async () => ({ text: { clean: "none" } }), /text\.clean is "alphanumeric"/],
    [
      "the tokenizer",
      async () => ({
        tokenizer: await Tokenizer.fromPretrained(fixture("bpe"), { pad_token: "a" }),
      }),
      /tokenizer\.sha256 is/,
    ],
    [
      "its padding side",
      async () => ({
        tokenizer: await Tokenizer.fromPretrained(fixture("wordpiece"), { padding_side: "left" }),
      }),
      /tokenizer\.paddingSide is "right" in the pack, and "left" is asked for/,
    ],
    [
      "another resampler",
      async () => ({ image: image({ resampler: "torch" }) }),
      /image\.resampler is "pillow13" in the pack, and "torch" is asked for/,
    ],
    [
      "parts of the original images",
      async () => ({ augmentation: { randomResizedCrop: {} } }),
      /randomResizedCrop takes parts of the original images/,
    ],
  ];
  for (const [what, options, message] of cases) {
    test(what, async () => {
      await assert.rejects(
        MultimodalDataset.from(await folder, await options()),
        codeOf("PACK_MISMATCH", message),
      );
    });
  }
});

test("a tokenizer is told by its file, however that is laid out, its padding and its sides", async () => {
  const tokenizer = await Tokenizer.fromPretrained(fixture("bpe"), {
    ...{ pad_token: "a", padding_side: "left", truncation_side: "right" },
  });
  const file = JSON.parse(readFileSync(fixture("bpe/tokenizer.json"), "utf8"));
  const hash = createHash("sha256").update(`${JSON.stringify(file)}\0a\0left\0right\0`);
  const { sha256, padToken, paddingSide } = tokenizerConfig(tokenizer);
  assert.deepEqual([sha256, padToken, paddingSide], [hash.digest("hex"), "a", "left"]);
});

test("a packed set that does not say whose resize it has was made before Pillow 13", async () => {
  const folder = await packed(dataset());
  const name = readdirSync(folder).find((each) => each.endsWith(".arrow")) as string;
  const { metadata } = tableFromIPC(readFileSync(join(folder, name))).schema;
  const said = metadata.get("pixtok") as string;
  const silent = new Map(metadata).set("pixtok", said.replace(',"resampler":"pillow13"', ""));
  assert.notEqual(silent.get("pixtok"), said);
  assert.equal(readPackedFileMetadata(silent, name).config.processor.resampler, "pillow12");
});

test("a packed set that does not say what columns it has was made before there were any", async () => {
  const folder = await packed(dataset());
  const name = readdirSync(folder).find((each) => each.endsWith(".arrow")) as string;
  const { metadata } = tableFromIPC(readFileSync(join(folder, name))).schema;
  const said = metadata.get("pixtok") as string;
  const silent = new Map(metadata).set("pixtok", said.replace(',"columns":[]', ""));
  assert.notEqual(silent.get("pixtok"), said);
  const { config } = readPackedFileMetadata(silent, name);
  assert.deepEqual(config, readPackedFileMetadata(metadata, name).config);
});

test("columns that cannot be are damaged metadata", async () => {
  const folder = await packed(dataset());
  const name = readdirSync(folder).find((each) => each.endsWith(".arrow")) as string;
  const { metadata } = tableFromIPC(readFileSync(join(folder, name))).schema;
  const said = metadata.get("pixtok") as string;
  const number = { name: "a", type: "float32", shape: [2], size: 2, classes: null };
  const read = (columns: unknown) => {
    const forged = said.replace('"columns":[]', `"columns":${JSON.stringify(columns)}`);
    return readPackedFileMetadata(new Map(metadata).set("pixtok", forged), name).config.columns;
  };
  assert.deepEqual(read([{ ...number, size: 2 ** 40 }]), [number]);
  const cases: [unknown, RegExp][] = [
    [{}, /columns: expected an array, got an object/],
    [[3], /columns\[0\]\.name: expected a string, got undefined/],
    [[{ ...number, type: "int16" }], /columns\[0\]\.type: expected one of "float32"/],
    [[{ ...number, shape: [2 ** 40] }], /columns\[0\]\.shape: expected at most 16777216 numbers/],
    [[{ ...number, shape: [-1] }], /columns\[0\]\.shape\[0\]: expected an integer of at least 1/],
    [[{ ...number, classes: [1] }], /columns\[0\]\.classes: expected names/],
    [[number, number], /columns\[1\]\.name: expected another name, got "a"/],
    [Array.from({ length: 1025 }, () => number), /columns: expected at most 1024, got 1025/],
  ];
  for (const [columns, message] of cases) {
    assert.throws(() => read(columns), codeOf("INVALID_PACK", message));
  }
});

describe("files of several packs in one folder", () => {
  test("are no set", async () => {
    const folder = await packed(dataset());
    const other = await packed(dataset(), { fileBytes: 5 * IMAGE });
    const name = readdirSync(other).find((one) => one.startsWith("data-00000")) as string;
    copyFileSync(join(other, name), join(folder, name));
    await assert.rejects(
      MultimodalDataset.from(folder),
      codeOf("PACK_MISMATCH", /several sets in this folder, one of 4 files and one of 7/),
    );
    const report = await verifyPack(folder);
    assert.equal(report.ok, false);
  });
});
