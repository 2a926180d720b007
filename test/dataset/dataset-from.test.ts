import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import {
  type DatasetFromOptions,
  MultimodalDataset,
  openSource,
  type PairSource,
  PixtokError,
} from "pixtok";
import { fixture } from "../support/fixtures.js";
import { assertSameEpoch } from "../support/packs.js";
import { smallTokenizer } from "../support/pairs.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-from-"));
after(() => rmSync(root, { recursive: true }));
const tokenizer = await smallTokenizer();

const names = ["jpeg-420.jpg", "png-rgb.png", "webp-lossy.webp"];
const images = names.map((name) => fixture(`images/${name}`));
const texts = ["first text", "second text", "third text"];
const arrays = new MultimodalDataset({ imagePaths: images, texts, tokenizer });

/** Files in a folder: of images a copy, of anything else what it should hold. */
function folderOf(name: string, files: Record<string, string>): string {
  for (const [file, content] of Object.entries(files)) {
    const path = join(root, name, file);
    mkdirSync(dirname(path), { recursive: true });
    if (names.includes(content)) copyFileSync(fixture(`images/${content}`), path);
    else writeFileSync(path, content);
  }
  return join(root, name);
}

const copies = Object.fromEntries(names.map((name) => [name, name]));
const rowsOf = (column: string) =>
  names.map((name, i) => JSON.stringify({ [column]: name, text: texts[i] })).join("\n");
const codeOf = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PixtokError, String(error));
  assert.match(error.message, message);
  return error.code === code;
};

/** Tensors, texts and indices; keys are the source's own. */
async function assertSamePairs(dataset: MultimodalDataset): Promise<void> {
  assert.equal(dataset.length, arrays.length);
  for (let i = 0; i < arrays.length; i += 1) {
    assert.deepEqual(await dataset.get(i), await arrays.get(i));
  }
}

describe("MultimodalDataset.from finds", () => {
  const cases: [string, () => string | string[], DatasetFromOptions, string][] = [
    [
      "a manifest",
      () => join(folderOf("a", { ...copies, "x.jsonl": rowsOf("image") }), "x.jsonl"),
      {},
      "JSON Lines manifest, 3 pairs",
    ],
    [
      "an imagefolder with JSON Lines",
      () => folderOf("b", { ...copies, "metadata.jsonl": rowsOf("file_name") }),
      {},
      "imagefolder, 3 pairs",
    ],
    [
      "an imagefolder with CSV",
      () =>
        folderOf("c", {
          ...copies,
          "metadata.csv": `file_name,title\n${names.map((name, i) => `${name},${texts[i]}`).join("\n")}\n`,
        }),
      {},
      "imagefolder, 3 pairs",
    ],
    [
      "images with text files",
      () =>
        folderOf("d", {
          "1.jpg": "jpeg-420.jpg",
          "2.png": "png-rgb.png",
          "3.webp": "webp-lossy.webp",
          "1.txt": "first text",
          "2.txt": "second text",
          "3.txt": "third text",
        }),
      {},
      "folder of images with text files, 3 pairs",
    ],
    [
      "images in a folder for each class",
      () =>
        folderOf("e", {
          "first text/x.jpg": "jpeg-420.jpg",
          "second text/x.png": "png-rgb.png",
          "third text/x.webp": "webp-lossy.webp",
        }),
      {},
      "folders of 3 classes, 3 images",
    ],
    [
      "COCO captions",
      () =>
        join(
          folderOf("f", {
            ...copies,
            "captions.json": JSON.stringify({
              images: names.map((file_name, id) => ({ id, file_name })),
              annotations: texts.map((caption, image_id) => ({ image_id, caption })),
            }),
          }),
          "captions.json",
        ),
      {},
      "COCO captions, 3 images with 3 captions",
    ],
    [
      "an imagefolder in the only split that there is",
      () =>
        folderOf("one-split", {
          "train/metadata.jsonl": rowsOf("file_name"),
          "README.md": "",
          ...Object.fromEntries(names.map((name) => [`train/${name}`, name])),
        }),
      {},
      "imagefolder, 3 pairs",
    ],
    [
      "an imagefolder whose images are in a column of a name of its own",
      () => folderOf("own-column", { ...copies, "metadata.jsonl": rowsOf("photo_file_name") }),
      {},
      "imagefolder, 3 pairs",
    ],
    [
      "a manifest, by its URL",
      () =>
        pathToFileURL(join(folderOf("a # b", { ...copies, "x.jsonl": rowsOf("image") }), "x.jsonl"))
          .href,
      {},
      "JSON Lines manifest, 3 pairs",
    ],
    [
      "what it is asked to find among several",
      () => folderOf("g", { ...copies, "metadata.jsonl": rowsOf("file_name"), "x.tar": "no tar" }),
      { kind: "imagefolder" },
      "imagefolder, 3 pairs",
    ],
  ];
  for (const [what, path, options, description] of cases) {
    test(what, async () => {
      const dataset = await MultimodalDataset.from(path(), { tokenizer, ...options });
      assert.equal(dataset.description, description);
      await assertSamePairs(dataset);
    });
  }

  test("a pair for every text of an image, if wished", async () => {
    const rows = [
      { image: names[0], text: ["a", "b"] },
      { image: names[1], text: "c" },
      { image: names[2], text: ["d", "e", "f"] },
    ];
    const folder = folderOf("every", {
      ...copies,
      "x.jsonl": rows.map((row) => JSON.stringify(row)).join("\n"),
    });
    const options = { tokenizer, onMultipleTexts: "all" } as const;
    const dataset = await MultimodalDataset.from(join(folder, "x.jsonl"), options);
    assert.equal(
      dataset.description,
      "JSON Lines manifest, 3 pairs, 6 with every text of an image",
    );
    const imagePaths = [0, 0, 1, 2, 2, 2].map((i) => images[i] as string);
    const expected = new MultimodalDataset({
      imagePaths,
      texts: ["a", "b", "c", "d", "e", "f"],
      tokenizer,
    });
    for (let i = 0; i < 6; i += 1) assert.deepEqual(await dataset.get(i), await expected.get(i));
  });

  test("an error about one of an image's texts names the pair, not the image", async () => {
    const source: PairSource = {
      length: 2,
      get(index) {
        if (index === 1) throw new PixtokError("SAMPLE_FAILED", "it is gone", { index });
        return { image: images[0] as string, text: ["a", "b", "c"] };
      },
    };
    const dataset = await MultimodalDataset.from(source, { tokenizer, onMultipleTexts: "all" });
    assert.equal(dataset.length, 4);
    await assert.rejects(dataset.get(3), { code: "SAMPLE_FAILED", index: 3, reason: "it is gone" });
  });
});

describe("what MultimodalDataset.from does not understand it refuses:", () => {
  const cases: [string, () => unknown, unknown, RegExp][] = [
    ["nothing", () => [], {}, /data: expected the path or URL of a file or folder/],
    [
      "a URL of another kind",
      () => "ftp://example.org/x.tar",
      {},
      /a URL of another kind than http, https, s3 and hf/,
    ],
    ...["https:/example.org/x.tar", "s3:/bucket/x.tar", "hf:/datasets/a/b"].map(
      (url): [string, () => unknown, unknown, RegExp] => [
        `${url}, which has one slash`,
        () => url,
        {},
        /a URL with one slash, as where paths are joined; expected (https|s3|hf):\/\//,
      ],
    ),
    ["an address of a model on the hub", () => "hf://user/name", {}, /hf:\/\/datasets\/OWNER/],
    [
      "a data: URL",
      () => `data:text/csv,${"x".repeat(1e6)}`,
      {},
      /^.{0,300}a data: URL; expected the path.{0,100}$/,
    ],
    [
      "a Feather file",
      () => join(folderOf("feather", { "x.feather": "" }), "x.feather"),
      {},
      /a Feather file, .*; write it as Parquet/,
    ],
    [
      "an archive",
      () => join(folderOf("zip", { "x.zip": "" }), "x.zip"),
      {},
      /an archive; unpack it/,
    ],
    [
      "splits of an imagefolder",
      () =>
        folderOf("if-splits", {
          "train/metadata.csv": "",
          "test/metadata.csv": "",
          "train/0.jpg": "",
        }),
      {},
      /several splits \(test, train\); expected the folder of one, such as .*if-splits.test/,
    ],
    [
      "splits of Parquet in folders",
      () => folderOf("hub-splits", { "train/0000.parquet": "", "test/0000.parquet": "" }),
      {},
      /several splits \(test, train\)/,
    ],
    [
      "configurations of Parquet in folders",
      () =>
        folderOf("hub-configs", { "default/train/0000.parquet": "", "de/test/0000.parquet": "" }),
      {},
      /several splits \(de.test, default.train\); expected the folder of one, such as .*de.test/,
    ],
    [
      "splits of shards",
      () => folderOf("tar-splits", { "train-000.tar": "", "val-000.tar": "", "val-001.tar": "" }),
      {},
      /several splits \(train, val\); expected the files of one, such as .*train\*\.tar/,
    ],
    [
      "a relative path that is not there",
      () => "data/x.jsonl",
      {},
      /x\.jsonl": no such file \(check/,
    ],
    ["a path that is not there", () => join(root, "none"), {}, /no such file/],
    [
      "an unknown file",
      () => join(folderOf("h", { "x.xyz": "" }), "x.xyz"),
      {},
      /expected a folder or files of one kind/,
    ],
    [
      "an empty folder",
      () => folderOf("i", { "x.xyz": "" }),
      {},
      /nothing in this folder that is known/,
    ],
    [
      "a folder of several kinds",
      () => folderOf("j", { "metadata.csv": "", "x.tar": "" }),
      {},
      /several kinds; expected kind to be one of "imagefolder" and "webdataset"/,
    ],
    [
      "several splits",
      () =>
        folderOf("k", {
          "data/train-00000-of-00001.parquet": "",
          "data/test-00000-of-00001.parquet": "",
        }),
      {},
      /several splits \(test, train\)/,
    ],
    [
      "a compressed shard",
      () => join(folderOf("o", { "x.tar.gz": "" }), "x.tar.gz"),
      {},
      /compressed; unpack it once/,
    ],
    ["files of several kinds", () => ["x.csv", "y.parquet"], {}, /files of one kind/],
    [
      "two imagefolders",
      () => ["x.csv", "y.csv"],
      { kind: "imagefolder" },
      /expected one for a source of the kind "imagefolder"/,
    ],
    ["an unknown kind", () => root, { kind: "zip" }, /kind: expected one of "manifest"/],
    [
      "a misspelled option",
      () => root,
      { kinds: "zip" },
      /MultimodalDataset\.from: unknown option "kinds"/,
    ],
    [
      "an option that this kind has not",
      () => folderOf("l", { "cat/1.jpg": "" }),
      { imageColumn: "x" },
      /openImageFolder: unknown option "imageColumn"/,
    ],
  ];
  for (const [what, data, options, message] of cases) {
    test(what, async () => {
      await assert.rejects(
        MultimodalDataset.from(data() as string, { tokenizer, ...(options as DatasetFromOptions) }),
        message,
      );
    });
  }

  test("a choice of texts where there are none", async () => {
    const folder = folderOf("n", { ...copies, "metadata.jsonl": rowsOf("file_name") });
    for (const text of [null, { tokens: "text", padTokenId: 0 }]) {
      for (const onMultipleTexts of ["random", "all"] as const) {
        await assert.rejects(MultimodalDataset.from(folder, { text, onMultipleTexts } as never), {
          name: "TypeError",
          message: /^onMultipleTexts: expected none without texts, got "(random|all)"/,
        });
      }
    }
  });

  test("pairs without a tokenizer", async () => {
    const folder = folderOf("m", { ...copies, "metadata.jsonl": rowsOf("file_name") });
    await assert.rejects(
      MultimodalDataset.from(folder, {}),
      /tokenizer: expected a Tokenizer \(only a packed set has its own\), or text: null .*, got undefined/,
    );
  });
});

describe("openSource", () => {
  test("gives the pairs without a dataset", async () => {
    const folder = folderOf("n", { ...copies, "metadata.jsonl": rowsOf("file_name") });
    const source = await openSource(folder);
    await assertSameEpoch(
      new MultimodalDataset({ source, tokenizer }),
      await MultimodalDataset.from(folder, { tokenizer }),
    );
    await assert.rejects(
      openSource(folder, { root: join(folder, "sub") }).then((other) =>
        new MultimodalDataset({ source: other, tokenizer }).get(0),
      ),
      codeOf("FILE_NOT_FOUND", /no such file/),
    );
  });
});

test("Parquet in the only split of the only configuration is found", async () => {
  const folder = folderOf("one-config", { "README.md": "", "default/train/README.md": "" });
  copyFileSync(fixture("parquet/bytes.parquet"), join(folder, "default/train/0000.parquet"));
  const source = await openSource(folder);
  assert.match(source.description ?? "", /Parquet/i);
});
