// Columns of Arrow of each type that images, texts and names may have, as apache-arrow writes them.

import assert from "node:assert/strict";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, describe, test } from "node:test";
import {
  Binary,
  type DataType,
  Field,
  FixedSizeList,
  Int32,
  LargeBinary,
  LargeUtf8,
  List,
  Schema,
  Struct,
  Table,
  tableFromIPC,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { type Conversation, openArrow, openSource, PixtokError } from "pixtok";
import { pairColumns, type WantedColumns } from "../../src/sources/arrow/arrow-columns.js";
import type { ArrowField, ArrowKind } from "../../src/sources/arrow/arrow-schema.js";
import type { ConversationReading } from "../../src/sources/conversation-rows.js";
import { codeOf } from "../support/manifests.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-arrow-columns-"));
after(() => rmSync(folder, { recursive: true }));
const context = { seed: 0, epoch: 0 };
let files = 0;

/** A file with these columns; classes are those of the hub's metadata, by column. */
function arrowOf(
  columns: Record<string, readonly [type: DataType, values: readonly unknown[]]>,
  classes: Record<string, string[]> = {},
): string {
  const entries = Object.entries(columns);
  const vectors = entries.map(([name, [type, values]]) => [name, vectorFromArray(values, type)]);
  const table = new Table(Object.fromEntries(vectors));
  const features = Object.fromEntries(
    Object.entries(classes).map(([name, names]) => [name, { names, _type: "ClassLabel" }]),
  );
  const fields = entries.map(([name, [type]]) => new Field(name, type, true));
  const metadata = new Map([["huggingface", JSON.stringify({ info: { features } })]]);
  const schema = new Schema(fields, metadata);
  const path = join(folder, `${files++}.arrow`);
  writeFileSync(path, tableToIPC(new Table(schema, table.batches), "stream"));
  return path;
}

const bytes = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5)];
const struct = new Struct([new Field("bytes", new Binary()), new Field("path", new Utf8())]);
const texts = [new Utf8(), ["a", "b"]] as const;

const rowOf = async (path: string, row: number, options: object = {}) =>
  (await openArrow(path, options)).get(row, context);

describe("images of Arrow", () => {
  for (const [name, type] of [
    ["Binary", new Binary()],
    ["LargeBinary", new LargeBinary()],
  ] as const) {
    test(`are bytes in a column of ${name}`, async () => {
      const path = arrowOf({ image: [type, bytes], text: texts });
      const { image, text } = await rowOf(path, 1);
      assert.equal((image as { length: number }).length, 2);
      assert.equal(text, "b");
    });
  }

  test("that have neither bytes nor a path are missing", async () => {
    const path = arrowOf({ image: [struct, [{ bytes: null, path: null }, null]], text: texts });
    for (const row of [0, 1]) {
      await assert.rejects(rowOf(path, row), codeOf("INVALID_ARROW", /image: there is no image/));
    }
  });

  test("of a list are called by the first that has a path", async () => {
    const list = new List(new Field("item", struct));
    const path = arrowOf({
      images: [list, [[null, { path: "b.jpg" }]]],
      text: [new Utf8(), ["b"]],
    });
    assert.equal((await rowOf(path, 0)).key, "b.jpg");
  });

  test("that are paths start at the root that is given, or else at the file's folder", async () => {
    const path = arrowOf({ image_path: texts, text: texts });
    assert.equal((await rowOf(path, 0)).image, join(folder, "a"));
    const root = join(folder, "images");
    assert.equal((await rowOf(path, 0, { root })).image, join(root, "a"));
  });

  test("of several files are in the folder of their own file", async () => {
    const path = arrowOf({ image_path: texts, text: texts });
    const other = join(folder, "other");
    mkdirSync(other);
    copyFileSync(path, join(other, basename(path)));
    const both = await openArrow([path, join(other, basename(path))]);
    assert.equal((await both.get(0, context)).image, join(folder, "a"));
    assert.equal((await both.get(2, context)).image, join(other, "a"));
  });

  test("are taken from a column that has them before one of their paths, be they in a list", async () => {
    const list = new List(new Field("item", new Binary()));
    const path = arrowOf({ jpg: texts, images: [list, [bytes, bytes]], text: texts });
    assert.equal(((await rowOf(path, 0)).image as unknown[]).length, 2);
  });

  test("in further columns are none where they have neither bytes nor the name of a path", async () => {
    const [first] = bytes;
    const more = [
      { bytes: null, path: "" },
      { bytes: first, path: "" },
    ];
    const path = arrowOf({ image: [new Binary(), bytes], more: [struct, more], text: texts });
    const options = { imageColumn: "image", imageColumns: ["more"] };
    assert.deepEqual((await rowOf(path, 0, options)).columns, { more: null });
    assert.equal(((await rowOf(path, 1, options)).columns?.more as { length: number }).length, 3);
  });

  test("in further columns are one for each row", async () => {
    const list = new List(new Field("item", new Binary()));
    const path = arrowOf({
      image: [new Binary(), bytes],
      more: [list, [bytes, bytes]],
      text: texts,
    });
    await assert.rejects(
      openArrow(path, { imageColumns: ["more"] }),
      codeOf(
        "INVALID_ARROW",
        /imageColumns: expected one image in each row, not a list, which imageColumn may name, in "more"/,
      ),
    );
    const several = await rowOf(path, 0, { imageColumn: "more" });
    assert.equal((several.image as unknown[]).length, 2);
  });

  test("are bytes, paths or both", async () => {
    const path = arrowOf({ image: [new Int32(), [1, 2]], text: texts });
    await assert.rejects(
      openArrow(path, { imageColumn: "image" }),
      codeOf(
        "INVALID_ARROW",
        /imageColumn: expected bytes, paths, or a struct of bytes and path, in "image"/,
      ),
    );
  });
});

describe("texts of Arrow", () => {
  const image = [new Binary(), bytes] as const;

  test("are of Utf8 and LargeUtf8, and of bytes in UTF-8", async () => {
    const inBytes = ["ä", "ö"].map((text) => new TextEncoder().encode(text));
    for (const column of [
      [new Utf8(), ["ä", "ö"]],
      [new LargeUtf8(), ["ä", "ö"]],
      [new Binary(), inBytes],
      [new LargeBinary(), inBytes],
    ] as const) {
      const path = arrowOf({ image, caption: column });
      const { text } = await rowOf(path, 1, { imageColumn: "image", textColumn: "caption" });
      assert.equal(text, "ö", String(column[0]));
    }
  });

  test("are UTF-8, in which the mark of what is none may stand itself", async () => {
    const [mark, none] = [new TextEncoder().encode("\uFFFD"), Uint8Array.of(0x61, 0xff)];
    const path = arrowOf({ image, text: [new Binary(), [mark, none]] });
    assert.equal((await rowOf(path, 0)).text, "\uFFFD");
    await assert.rejects(rowOf(path, 1), codeOf("INVALID_ARROW", /text: this is not UTF-8/));
  });

  test("are names of classes, whose numbers are among them", async () => {
    const path = arrowOf({ image, label: [new Int32(), [1, 2]] }, { label: ["cat", "dog"] });
    const options = { textColumn: "label" };
    assert.equal((await rowOf(path, 0, options)).text, "dog");
    await assert.rejects(
      rowOf(path, 1, options),
      codeOf("INVALID_ARROW", /label: expected the number of one of 2 classes, got 2/),
    );
  });

  test("of conversations are in lists of one length, too", async () => {
    const message = new Struct([new Field("role", new Utf8()), new Field("content", new Utf8())]);
    const rows = ["a", "b"].map((answer) => [
      { role: "user", content: `${answer}?` },
      { role: "assistant", content: answer },
    ]);
    const list = new FixedSizeList(2, new Field("item", message));
    const path = arrowOf({ messages: [list, rows] });
    const source = await openSource(path, { rows: "conversations" });
    const { conversation } = await source.get(1, context);
    assert.deepEqual((conversation as Conversation).messages, rows[1]);
  });

  test("of conversations have names of classes beside them", async () => {
    const label = [new Int32(), [1, 0]] as const;
    const path = arrowOf({ prompt: texts, completion: texts, label }, { label: ["cat", "dog"] });
    const { classNames } = await openSource(path, { rows: "conversations" });
    assert.deepEqual(classNames, { label: ["cat", "dog"] });
  });

  test("are digits of numbers without classes", async () => {
    const path = arrowOf({ image, label: [new Int32(), [1, -2]] });
    assert.equal((await rowOf(path, 1, { textColumn: "label" })).text, "-2");
  });

  test("are missing where there is none", async () => {
    const path = arrowOf({ image, text: [new Utf8(), [null, "b"]] });
    await assert.rejects(
      rowOf(path, 0),
      codeOf("INVALID_ARROW", /text: expected a text or several, got null/),
    );
  });
});

describe("a row of Arrow", () => {
  const image = [new Binary(), bytes] as const;

  test("has its number in the file, also behind the first batch of rows", async () => {
    const path = arrowOf({ image, text: texts });
    const [one, other] = [tableFromIPC(readFileSync(path)), tableFromIPC(readFileSync(path))];
    writeFileSync(path, tableToIPC(one.concat(other), "stream"));
    const { key, origin } = await rowOf(path, 3);
    assert.deepEqual([key, origin], [`${basename(path)}:4`, `${path}#row 4`]);
  });

  test("is told from that of another file of its name and length by the files' sizes", async () => {
    const fingerprintOf = async (text: string) => {
      const path = join(folder, "same.arrow");
      renameSync(arrowOf({ image, text: [new Utf8(), [text, "b"]] }), path);
      return (await openArrow(path)).fingerprint;
    };
    assert.notEqual(await fingerprintOf("a"), await fingerprintOf("a".repeat(100)));
  });
});

describe("columns of a schema", () => {
  const field = (name: string, kind: ArrowKind, size = 0, children: ArrowField[] = []) => ({
    ...{ name, kind, size, children },
    isSigned: true,
  });
  const image = field("image", "bytes", 4);
  const all = {
    imageColumn: undefined,
    textColumn: undefined,
    columns: "auto",
    texts: true,
  } as const;
  const columnsOf = (
    fields: ArrowField[],
    wanted: Partial<WantedColumns> = {},
    reading?: ConversationReading,
  ) =>
    pairColumns(
      { fields, huggingface: undefined, isPacked: false },
      { ...all, imageColumns: [], ...wanted },
      "x.arrow",
      (message) => new PixtokError("INVALID_ARROW", message),
      reading,
    );
  const names = {
    bytes: ["image", "img", "photo", "jpg", "jpeg", "png", "webp", "images", "photos"],
    string: ["image_path", "file_name", "filename", "path", "filepath", "url", "URL", "image_url"],
  };
  for (const [kind, usual] of Object.entries(names)) {
    test(`of images are those of usual names, the most telling first: ${kind}`, () => {
      const text = field("text", "string", 4);
      for (let first = 0; first < usual.length; first += 1) {
        const own = usual.slice(first).map((name) => field(name, kind as ArrowKind, 4));
        assert.equal(columnsOf([text, ...own.reverse()]).image?.name, usual[first]);
      }
    });
  }

  test("of a conversation's images are the one that is told, or else images or image", () => {
    const fields = ["photo", "image", "images"].map((name) => field(name, "bytes", 4));
    const imageOf = (columns?: ConversationReading["columns"]) => {
      const reading = { rows: "conversations", columns } as const;
      return columnsOf(fields, { texts: false }, reading).image?.name;
    };
    assert.equal(imageOf({ images: "photo" }), "photo");
    assert.equal(imageOf(), "images");
  });

  test("are not called alike where one of the name is wanted", () => {
    const text = field("text", "string", 4);
    const twice = [image, text, text];
    assert.throws(() => columnsOf(twice), codeOf("INVALID_ARROW", /several columns .* "text"/));
  });

  test("of lists of no elements have no image, and are JSON", () => {
    const none = field("none", "fixed list", 0, [field("item", "integer", 4)]);
    const text = field("text", "string", 4);
    assert.equal(columnsOf([image, text, none]).others[0]?.type, "json");
    const images = field("image", "fixed list", 0, [field("item", "bytes", 4)]);
    assert.throws(
      () => columnsOf([images, text], { imageColumn: "image" }),
      codeOf("INVALID_ARROW", /imageColumn: expected bytes, paths, or a struct/),
    );
  });

  test("of names of rows are others than of images and texts", () => {
    const [key, id] = [field("key", "string", 4), field("id", "string", 4)];
    assert.equal(columnsOf([image, key, id], { textColumn: "key" }).id, 2);
    assert.equal(columnsOf([key, id], { imageColumn: "key", textColumn: "id" }).id, undefined);
  });
});
