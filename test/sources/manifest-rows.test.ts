// How the rows of a manifest are read.

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openManifest, openSource } from "pixtok";
import { fixture, readJsonLines } from "../support/fixtures.js";
import { codeOf, context, folder, pairsOf, write } from "../support/manifests.js";

describe("separated values", () => {
  test("are read as Python's csv module reads them", async () => {
    type Golden = { text: string; rows: ([string, string] | null)[] };
    for (const { text, rows } of readJsonLines<Golden>(fixture("goldens/csv.jsonl"))) {
      const source = await openManifest(write("python.csv", text));
      assert.equal(source.length, rows.length, JSON.stringify(text));
      for (const [i, row] of rows.entries()) {
        const found = await Promise.resolve(source.texts?.(i)).catch(() => null);
        assert.equal(found, row?.[1] ?? null, `row ${i} of ${JSON.stringify(text)}`);
      }
    }
  });

  for (const [what, content, description] of [
    [
      "in UTF-16, little end first",
      Buffer.from("\uFEFFimage,text\n0.jpg,Bär 😀\n", "utf16le"),
      "CSV",
    ],
    [
      "in UTF-16, big end first",
      Buffer.from("\uFEFFimage,text\n0.jpg,Bär 😀\n", "utf16le").swap16(),
      "CSV",
    ],
    ["whose lines end in CR alone", "image,text\r0.jpg,Bär 😀\r", "CSV"],
    ["separated by semicolons", "image;text\n0.jpg;Bär 😀\n", 'CSV (separated by ";")'],
    ["separated by tabs", "image\ttext\n0.jpg\tBär 😀\n", "TSV"],
    ["with a mark of UTF-8 and CRLF", "\uFEFFimage,text\r\n0.jpg,Bär 😀\r\n", "CSV"],
  ] as const) {
    test(`${what} are read, as spreadsheets write them`, async () => {
      const path = write("sheet.csv", content);
      const source = await openManifest(path);
      assert.equal(source.description, `${description} manifest, 1 pairs`);
      assert.deepEqual(await source.get(0, context), {
        image: join(folder, "0.jpg"),
        text: "Bär 😀",
        key: "0.jpg",
      });
    });
  }

  test("are separated by what their name says where that gives the columns", async () => {
    const path = write("both.csv", "image,text;more\n0.jpg,a;b\n");
    await assert.rejects(openManifest(path), codeOf("INVALID_MANIFEST", /got image, text;more/));
    const options = { textColumn: "text;more" };
    assert.deepEqual(await pairsOf(path, options), [[join(folder, "0.jpg"), "a;b"]]);
  });

  test("are separated by what closes the header's quotes where the first separator does not", async () => {
    const path = write("open.csv", 'image;text;more,"\n0.jpg;a;b\n');
    assert.deepEqual(await pairsOf(path), [[join(folder, "0.jpg"), "a"]]);
  });

  test("are separated by what gives the columns that are wanted, which may be images alone", async () => {
    const path = write("images.csv", "image;size\n0.jpg;1\n");
    const source = await openManifest(path, { texts: false });
    assert.equal((await source.get(0, context)).image, join(folder, "0.jpg"));
  });

  test("have image and text in the most telling columns, in whatever order these are", async () => {
    const path = write("telling.csv", "label,title,caption,path,image\na,b,c,1.jpg,0.jpg\n");
    assert.deepEqual(await pairsOf(path), [[join(folder, "0.jpg"), "c"]]);
  });

  test("may have a header of many columns", async () => {
    const names = Array.from({ length: 1000 }, (_, i) => `column ${i}`);
    const path = write("wide.csv", `${names},image,text\n${names.map(() => "x")},0.jpg,a\n`);
    assert.deepEqual(await pairsOf(path), [[join(folder, "0.jpg"), "a"]]);
  });

  test("with two columns of the name that is wanted are refused", async () => {
    const path = write("twice.csv", "image,text,text,x,x\n0.jpg,a,b,c,d\n");
    const message = /several columns of the name "text"/;
    await assert.rejects(openManifest(path), codeOf("INVALID_MANIFEST", message));
    const other = write("twice-other.csv", "image,text,x,x\n0.jpg,a,c,d\n");
    assert.equal((await pairsOf(other)).length, 1);
    for (const options of [{ columns: ["x"] }, { imageColumns: ["x"] }]) {
      const ofOther = codeOf("INVALID_MANIFEST", /several columns of the name "x"/);
      await assert.rejects(openManifest(other, options), ofOther);
    }
  });

  test("that are no text, or UTF-16 without its mark, are refused with the cause", async () => {
    const path = write("nul.csv", Buffer.from("image,text\n0.jpg,a\n", "utf16le"));
    await assert.rejects(openManifest(path), codeOf("INVALID_MANIFEST", /NUL bytes.*UTF-16/));
    const late = write("late-nul.csv", `image,text\n0.jpg,${"a".repeat(500)}\0\n`);
    await assert.rejects(openManifest(late), codeOf("INVALID_MANIFEST", /NUL bytes/));
    const header = write("latin-header.csv", Buffer.from("image,text,gr\xF6sse\n", "latin1"));
    const message = /the header: it is not UTF-8, after "image,text,gr"/;
    await assert.rejects(openManifest(header), codeOf("INVALID_MANIFEST", message));
  });
});

test("a manifest is told from others of its size by its first row", async () => {
  const fingerprintOf = async (text: string) =>
    (await openManifest(write("same-size.csv", `image,text\n0.jpg,${text}\n`))).fingerprint;
  assert.notEqual(await fingerprintOf("a"), await fingerprintOf("b"));
});

test("a manifest that has been changed since it was opened gives neither pairs nor texts", async () => {
  const path = write("changed.csv", "image,text\n0.jpg,a\n");
  const source = await openManifest(path);
  write("changed.csv", "image,text\n0.jpg,other\n");
  const changed = { code: "SOURCE_CHANGED", source: path };
  await assert.rejects(async () => source.texts?.(0), changed);
  await assert.rejects(async () => source.get(0, context), changed);
});

test("a row whose first image is missing is called by the next one", async () => {
  const path = write("first-missing.jsonl", '{"images":[null,"1.jpg"],"text":"a"}\n');
  assert.equal((await (await openManifest(path)).get(0, context)).key, "1.jpg");
});

test("a row without a further image has null for it, be it said or not", async () => {
  const rows = ['{"image":"0.jpg","text":"a","mask":"m.png"}', '{"image":"0.jpg","text":"b"}'];
  const said = '{"image":"0.jpg","text":"c","mask":null}';
  const empty = '{"image":"0.jpg","text":"d","mask":""}';
  const path = write("masks.jsonl", [...rows, said, empty].join("\n"));
  const source = await openManifest(path, { imageColumns: ["mask"] });
  const masks = await Promise.all(
    [0, 1, 2].map(async (row) => (await source.get(row, context)).columns?.mask),
  );
  assert.deepEqual(masks, [join(folder, "m.png"), null, null]);
  const message = /row 4: mask: expected a path, got ""/;
  await assert.rejects(async () => source.get(3, context), codeOf("INVALID_MANIFEST", message));
});

test("lines of JSON that have nothing but white space are none, also where they end in CRLF", async () => {
  const row = (name: string) => JSON.stringify({ image: name, text: name });
  const path = write("blank.jsonl", `\r\n${row("a")}\r\n \t\r\n\n${row("b")}\r\n\r\n`);
  const texts = (await pairsOf(path)).map(([, text]) => text);
  assert.deepEqual(texts, ["a", "b"]);
});

describe("a bad row", () => {
  test("is one, be it the first", async () => {
    const good = '{"image":"0.jpg","text":"good"}';
    for (const [name, bad] of [
      ["no-text.jsonl", '{"image":"0.jpg"}'],
      ["no-json.jsonl", '{"image":"0.jpg","text"'],
      ["open.jsonl", '{"image":"0.jpg",'],
      ["list.jsonl", "[1]"],
      ["open-list.jsonl", '["0.jpg"'],
      ["empty-list.jsonl", "[]"],
      ["word.jsonl", "null"],
      ["deep.jsonl", `{"image":"0.jpg","text":"deep","more":${"[".repeat(1e5)}${"]".repeat(1e5)}}`],
      ["comma.csv", "image,text\n0.jpg,a cat, black"],
    ] as const) {
      const rest = name.endsWith("csv") ? "0.jpg,good" : good;
      const source = await openManifest(write(name, `${bad}\n${rest}\n`));
      await assert.rejects(async () => source.get(0, context), /sample 0, .*row 1: /, name);
      assert.equal(await source.texts?.(source.length - 1), "good", name);
    }
  });

  test("is one that is longer than any is", async () => {
    const rows = `${JSON.stringify({ image: "0.jpg", text: "x".repeat(70 << 20) })}\n{"image":"0.jpg","text":"y"}`;
    const source = await openManifest(write("endless.jsonl", rows));
    const message = /row 1: it has 73\d+ bytes; at most 67108864 are read/;
    await assert.rejects(async () => source.texts?.(0), codeOf("INVALID_MANIFEST", message));
    assert.equal(await source.texts?.(1), "y");
    rmSync(join(folder, "endless.jsonl"));
  });

  test("is one that is not UTF-8", async () => {
    for (const [name, header, row, good] of [
      ["latin.csv", "image,text\n", "0.jpg,ein B\xE4r\n", "1.jpg,ein B\u00C3\u00A4r\n"],
      [
        "latin.jsonl",
        "",
        '{"image":"0.jpg","text":"ein B\xE4r"}\n',
        '{"image":"1.jpg","text":"ein B\u00C3\u00A4r"}\n',
      ],
    ] as const) {
      const path = write(name, Buffer.from(header + row + good, "latin1"));
      const source = await openManifest(path);
      const message = new RegExp(
        `${name}": row 1: it is not UTF-8, after ".*ein B"; save it as UTF-8`,
      );
      await assert.rejects(async () => source.get(0, context), codeOf("INVALID_MANIFEST", message));
      assert.equal(await source.texts?.(1), "ein Bär");
    }
  });
});

describe("JSON", () => {
  test("of Python, with NaN and Infinity, is read where these are not asked for", async () => {
    const path = write(
      "nan.jsonl",
      '{"image":"0.jpg","text":"NaN, \\"Infinity","score":NaN,"more":[-Infinity,Infinity]}\n{"image":"0.jpg","text":NaN}\n',
    );
    const source = await openManifest(path);
    assert.equal(await source.texts?.(0), 'NaN, "Infinity');
    await assert.rejects(
      async () => source.texts?.(1),
      codeOf("INVALID_MANIFEST", /text: expected a text or several/),
    );
  });

  test("labels that are whole numbers are their digits", async () => {
    const path = write(
      "labels.jsonl",
      '{"image":"0.jpg","label":7}\n{"image":"1.jpg","label":0.5}',
    );
    const source = await openManifest(path);
    assert.equal(await source.texts?.(0), "7");
    await assert.rejects(async () => source.texts?.(1), codeOf("INVALID_MANIFEST", /got 0\.5/));
  });

  const entries = [
    { image: "0.jpg", caption: "a cat" },
    { image: "1.jpg", caption: ["b", "c"] },
  ];
  for (const [name, content] of [
    ["array.json", JSON.stringify(entries)],
    ["array-spread.json", JSON.stringify(entries, null, 1)],
    ["array.jsonl", JSON.stringify(entries)],
    ["array-spread.jsonl", JSON.stringify(entries, null, 1)],
    ["array-lines.jsonl", `[${entries.map((one) => JSON.stringify(one)).join(",\n")}]`],
    ["dict.json", '{"0.jpg": "a cat", "1.jpg": ["b", "c"]}'],
  ] as const) {
    test(`that is one piece is read: ${name}`, async () => {
      const source = await openSource(write(name, content));
      assert.equal(source.description, "JSON manifest, 2 pairs");
      assert.deepEqual(await source.get(0, context), {
        image: join(folder, "0.jpg"),
        text: "a cat",
        key: "0.jpg",
      });
      assert.deepEqual(await source.texts?.(1), ["b", "c"]);
    });
  }

  test("that is JSON Lines by another name, as to_json() of datasets writes it, is read", async () => {
    const lines = entries.map((one) => JSON.stringify(one));
    for (const [name, lineEnd] of [
      ["lines.json", "\n"],
      ["crlf.json", "\r\n"],
    ] as const) {
      const path = write(name, lines.join(lineEnd));
      for (const source of [
        await openSource(path),
        await openManifest(path),
        await openSource(path, { kind: "manifest" }),
      ]) {
        assert.equal(source.description, "JSON Lines manifest, 2 pairs");
        assert.equal(await source.texts?.(0), "a cat");
      }
    }
  });

  test("that is an array of one object, spread over lines, is read", async () => {
    const path = write("one-spread.jsonl", '[\n{"image": "0.jpg", "text": "a"}\n]\n');
    assert.deepEqual(await pairsOf(path), [[join(folder, "0.jpg"), "a"]]);
  });

  test("by lines may be called ndjson, in capitals, too", async () => {
    for (const name of ["rows.ndjson", "rows.NDJSON", "rows.JSONL"]) {
      const path = write(name, '{"image":"0.jpg","text":"a"}\n');
      assert.equal((await pairsOf(path)).length, 1, name);
    }
  });

  test("of other shapes is refused, naming those that are known", async () => {
    for (const [name, content, message] of [
      ["spread.jsonl", JSON.stringify(entries[0], null, 1), /over several lines.*jq -c/],
      ["other.json", '{"rows": []}', /no images in it; known are COCO captions.*an array of/],
      ["numbers.json", "[1, 2]", /expected a JSON object, got 1/],
      ["broken.json", '[{"image": ', /not JSON/],
      ["latin.json", Buffer.from('[{"image": "0.jpg", "text": "B\xE4r"}]', "latin1"), /not UTF-8/],
      [
        "instances.json",
        '{"images": [{"id": 1, "file_name": "0.jpg"}], "annotations": [{"image_id": 1, "bbox": []}]}',
        /annotations have no captions/,
      ],
    ] as const) {
      await assert.rejects(openSource(write(name, content)), codeOf("INVALID_MANIFEST", message));
    }
    for (const content of ['{"image": "0.jpg", "text": "a"}', '{"0.jpg": "a", "1.jpg": 5}']) {
      const texts = write("texts.json", content);
      await assert.rejects(openManifest(texts), codeOf("INVALID_MANIFEST", /no known shape/));
    }
  });
});
