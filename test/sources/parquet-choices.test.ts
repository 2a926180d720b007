// Which columns of a Parquet file are a pair's, of schemas of all kinds.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openParquet, PixtokError } from "pixtok";
import { classNames } from "../../src/sources/class-names.js";
import { pairColumns, signatureOf } from "../../src/sources/parquet/parquet-columns.js";
import type { LeafKind, ParquetNode } from "../../src/sources/parquet/parquet-schema.js";
import { fixture } from "../support/fixtures.js";

const leaf = (name: string, kind: LeafKind, lists: number[] = []): ParquetNode => ({
  ...{ name, repeated: false, defined: 0, children: [] },
  leaf: { path: name, column: 0, kind, width: 4, deepest: 0, lists },
});
const group = (name: string, ...children: ParquetNode[]): ParquetNode => ({
  ...{ name, repeated: false, defined: 0, children, leaf: undefined },
});
const repeated = (node: ParquetNode): ParquetNode => ({ ...node, repeated: true });
/** As Arrow writes lists: of a group that is repeated, with the element in it. */
const list = (name: string, element: ParquetNode) => group(name, repeated(group("list", element)));
const hubImage = (name: string) => group(name, leaf("bytes", "bytes"), leaf("path", "string"));

const wanted = {
  ...{ imageColumn: undefined, textColumn: undefined, texts: true },
  ...{ columns: [], imageColumns: [] },
};
const choose = (columns: ParquetNode[], of: object = {}, huggingface?: object) =>
  pairColumns(
    "a.parquet",
    { columns, huggingface: huggingface && JSON.stringify(huggingface) },
    { ...wanted, ...of },
  );
const text = leaf("text", "string");

function refused(message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof PixtokError);
    assert.equal(error.code, "INVALID_PARQUET");
    assert.match(error.message, message);
    return true;
  };
}

describe("the column of images", () => {
  test("is a struct before bytes, one image before several, bytes before paths", () => {
    const path = leaf("image_path", "string");
    const bytes = leaf("photo", "bytes");
    const several = list("images", leaf("element", "bytes"));
    const structs = list("views", hubImage("element"));
    const struct = hubImage("of-any-name");
    const all = [text, path, structs, several, bytes, struct];
    const expected = ["of-any-name", "photo", "images", "views", "image_path"];
    for (const [left, name] of expected.entries()) {
      const gone = expected.slice(0, left);
      assert.equal(
        choose(all.filter((column) => !gone.includes(column.name))).images[0]?.name,
        name,
      );
    }
    // paths by a name of bytes are paths
    assert.equal(choose([text, leaf("image", "string"), bytes]).images[0]?.name, "photo");
    assert.equal(choose([text, leaf("image", "string"), path]).images[0]?.name, "image");
  });

  test("has bytes, a path, or both", () => {
    const of = (column: ParquetNode) => {
      const { images } = choose([text, column], { imageColumn: column.name });
      const [image] = images;
      return [image?.bytes?.path, image?.path?.path];
    };
    assert.deepEqual(of(leaf("a", "bytes")), ["a", undefined]);
    assert.deepEqual(of(leaf("a", "string")), [undefined, "a"]);
    assert.deepEqual(of(hubImage("a")), ["bytes", "path"]);
    assert.deepEqual(of(group("a", leaf("bytes", "string"))), ["bytes", undefined]);
    assert.deepEqual(of(list("a", hubImage("element"))), ["bytes", "path"]);
    assert.deepEqual(of(repeated(leaf("a", "bytes"))), ["a", undefined]);
    assert.deepEqual(of(group("a", repeated(leaf("array", "bytes")))), ["array", undefined]);
    for (const column of [
      ...[leaf("a", "integer"), group("a", leaf("path", "string")), group("a")],
      ...[list("a", leaf("element", "float")), list("a", list("b", leaf("element", "bytes")))],
      group("a", leaf("bytes", "integer"), leaf("path", "string")),
      group("a", repeated(leaf("x", "bytes")), leaf("y", "bytes")),
    ]) {
      assert.throws(() => of(column), refused(/imageColumn: expected bytes, paths, or a struct/));
    }
    const bytes = group("a", repeated(leaf("bytes", "bytes")), leaf("path", "bytes"));
    assert.throws(() => of(bytes), refused(/imageColumn: expected bytes/));
  });

  test("is one, by a name", () => {
    const image = leaf("image", "bytes");
    assert.throws(
      () => choose([text, image, image]),
      refused(/several columns are called "image"/),
    );
    assert.throws(() => choose([text]), refused(/imageColumn: expected one of image, img, photo/));
    assert.throws(() => choose([text, image], { imageColumn: 1 }), {
      name: "TypeError",
      message: /imageColumn.*a name/,
    });
  });
});

describe("the column of texts", () => {
  const image = leaf("image", "bytes");

  test("has texts, whole numbers, or lists of them", () => {
    for (const kind of ["string", "bytes", "integer", "unsigned"] as const) {
      assert.equal(choose([image, leaf("caption", kind)]).texts?.kind, kind);
      assert.equal(choose([image, list("caption", leaf("element", kind))]).texts?.kind, kind);
    }
    for (const kind of ["float", "boolean", "other"] as const) {
      assert.throws(
        () => choose([image, leaf("caption", kind)]),
        refused(/textColumn: expected a text, a whole number or a list of them in "caption"/),
      );
    }
  });

  test("is none with texts: false, and may not be named then", () => {
    const { text: name, texts, classes } = choose([image, text], { texts: false });
    assert.deepEqual([name, texts, classes], [undefined, undefined, undefined]);
    assert.throws(() => choose([image, text], { texts: false, textColumn: "text" }), {
      name: "TypeError",
      message: /textColumn.*none with texts: false/,
    });
  });

  test("has names of classes, where the datasets library says so", () => {
    const label = { _type: "ClassLabel", names: ["cat", "dog"] };
    const of = (feature: unknown) =>
      classNames(JSON.stringify({ info: { features: { label: feature } } }), "label");
    for (const feature of [label, [label], { feature: label }, { feature: { feature: label } }]) {
      assert.deepEqual(of(feature), label.names);
    }
    for (const feature of [
      ...[
        { ...label, names: ["cat", 1] },
        { ...label, _type: "Value" },
        { ...label, names: "cat" },
      ],
      ...[{ feature: { feature: { feature: label } } }, null, "label", []],
    ]) {
      assert.equal(of(feature), undefined);
    }
    for (const huggingface of ["", "{", "[]", "{}", '{"info": 1}', '{"info": {"features": 1}}']) {
      assert.equal(classNames(huggingface, "label"), undefined);
    }
    assert.equal(classNames('{"info": {"features": {}}}', "toString"), undefined);
    assert.equal(classNames(undefined, "label"), undefined);
    const huggingface = { info: { features: { label, text: [label] } } };
    const found = choose([image, text, leaf("label", "integer")], { columns: "auto" }, huggingface);
    assert.deepEqual([found.classes, found.others[0]?.classes], [label.names, label.names]);
  });
});

describe("other columns", () => {
  const image = leaf("image", "bytes");

  test("have the type of their values, lists are JSON", () => {
    const kinds = ["integer", "unsigned", "float", "boolean", "string"] as const;
    const types = ["int64", "int64", "float32", "uint8", "string"];
    const columns = kinds.flatMap((kind) => [
      leaf(kind, kind),
      list(`${kind}s`, leaf("element", kind, [1])),
    ]);
    const others = [leaf("b", "bytes"), leaf("o", "other"), group("g", leaf("a", "integer"))];
    others.push(
      list("deep", leaf("element", "integer", [1, 2])),
      repeated(leaf("r", "integer", [1])),
    );
    const found = choose([image, text, ...columns, ...others], { columns: "auto" }).others;
    assert.deepEqual(
      found.map(({ name, type }) => [name, type]),
      [
        ...kinds.flatMap((kind, i) => [
          [kind, types[i]],
          [`${kind}s`, "json"],
        ]),
        ["r", "json"],
      ],
    );
    for (const { name } of others.slice(0, 4)) {
      assert.throws(
        () => choose([image, text, ...others], { columns: [name] }),
        refused(
          new RegExp(`columns: expected numbers, texts, truth values or a list .* "${name}"`),
        ),
      );
    }
    assert.throws(
      () => choose([image, text], { columns: ["x"] }),
      refused(/columns: expected "x"/),
    );
  });

  test("of a file are told with their types", async () => {
    const source = await openParquet(fixture("columns/plain.parquet"), {
      columns: ["flag", "url", "label"],
      allowOutsideRoot: true,
    });
    const { columns = {} } = await source.get(0, { seed: 0, epoch: 0 });
    assert.deepEqual(Object.keys(columns), ["flag", "url", "label"]);
    const auto = await openParquet(fixture("columns/plain.parquet"), { columns: "auto" });
    assert.equal(auto.columnTypes?.flag, "uint8");
  });

  test("that are a key are strings of the usual names, and neither image nor text", () => {
    const key = leaf("key", "string");
    const id = leaf("id", "string");
    assert.equal(choose([image, text, id, key]).id?.path, "key");
    assert.equal(choose([image, text, id, leaf("key", "integer")]).id?.path, "id");
    assert.equal(choose([image, text, id, key], { textColumn: "key" }).id?.path, "id");
    assert.equal(choose([key, text, id], { imageColumn: "key" }).id?.path, "id");
    assert.equal(choose([image, text]).id, undefined);
  });
});

test("files differ in what is read of them, and in nothing else", () => {
  const image = leaf("image", "bytes");
  const count = leaf("count", "integer");
  const of = (...columns: ParquetNode[]) => signatureOf(choose(columns, { columns: "auto" }));
  const usual = of(image, text, count);
  assert.equal(of(count, leaf("b", "bytes"), text, image), usual);
  for (const others of [
    of(image, text),
    of(hubImage("image"), text, count),
    of(leaf("image", "string"), text, count),
    of(image, leaf("caption", "string"), count),
    of(image, list("text", leaf("element", "string", [1])), count),
    of(image, text, count, leaf("id", "string")),
    of(image, text, leaf("counts", "integer")),
    of(image, text, repeated(leaf("count", "integer", [1]))),
  ]) {
    assert.notEqual(others, usual);
  }
  const classes = (names: string[]) => {
    const features = { count: { _type: "ClassLabel", names } };
    return signatureOf(choose([image, text, count], { columns: "auto" }, { info: { features } }));
  };
  assert.notEqual(classes(["a"]), classes(["b"]));
});
