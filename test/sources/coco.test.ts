import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { openCocoCaptions, PixtokError } from "pixtok";

const folder = mkdtempSync(join(tmpdir(), "pixtok-coco-"));
after(() => rmSync(folder, { recursive: true }));
const context = { seed: 0, epoch: 0 };

function write(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const codeOf = (code: string, message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof PixtokError, String(error));
  assert.match(error.message, message);
  return error.code === code;
};

describe("COCO captions", () => {
  test("are images in their order, each with its captions in theirs", async () => {
    const path = write("captions.json", {
      info: { description: "a set", images: [{ id: 99 }] },
      annotations: [
        { id: 1, image_id: 20, caption: "b, first" },
        { id: 2, image_id: 10, caption: "a, first: ünïcödé 😀" },
        { id: 3, image_id: 20, caption: "b, second" },
        { id: 4, image_id: 10, caption: "" },
      ],
      images: [
        { id: 10, file_name: "a.jpg", width: 5 },
        { id: 20, file_name: "sub/b.jpg" },
      ],
    });
    const source = await openCocoCaptions(path, { root: join(folder, "images") });
    assert.equal(source.length, 2);
    assert.equal(source.description, "COCO captions, 2 images with 4 captions");
    assert.deepEqual(await source.get(0, context), {
      image: join(folder, "images/a.jpg"),
      text: ["a, first: ünïcödé 😀", ""],
      key: "a.jpg",
    });
    assert.deepEqual(await source.get(1, context), {
      image: join(folder, "images/sub/b.jpg"),
      text: ["b, first", "b, second"],
      key: "sub/b.jpg",
    });
    assert.deepEqual(await source.texts?.(1), ["b, first", "b, second"]);
  });

  test("are told from others of as many bytes by the first image's name", async () => {
    const fingerprintOf = async (file_name: string) => {
      const annotations = [{ id: 1, image_id: 1, caption: "a" }];
      const path = write("named.json", { images: [{ id: 1, file_name }], annotations });
      return (await openCocoCaptions(path)).fingerprint;
    };
    assert.notEqual(await fingerprintOf("a.jpg"), await fingerprintOf("b.jpg"));
  });

  test("have all of no columns, and none of a name", async () => {
    const images = [{ id: 1, file_name: "a.jpg" }];
    const annotations = [{ id: 1, image_id: 1, caption: "a" }];
    const path = write("columns.json", { images, annotations });
    assert.deepEqual((await openCocoCaptions(path, { columns: "auto" })).columnTypes, {});
    const message = /columns: expected none, or "auto", as COCO captions have no columns/;
    await assert.rejects(openCocoCaptions(path, { columns: ["id"] }), message);
  });

  test("that are wrong are errors of their pairs, which name file and entry", async () => {
    const path = write("bad.json", {
      images: [
        { id: 1, file_name: "good.jpg" },
        { id: 1, file_name: "twice.jpg" },
        { id: 2 },
        { file_name: "no-id.jpg" },
        { id: 3, file_name: "no-caption.jpg" },
        { id: 4, file_name: "../outside.jpg" },
      ],
      annotations: [
        { image_id: 1, caption: "good" },
        { image_id: 7, caption: "whose?" },
        { image_id: 1, caption: 5 },
        { image_id: 4, caption: "outside" },
      ],
    });
    const source = await openCocoCaptions(path);
    assert.equal((await source.get(0, context)).key, "good.jpg");
    const messages = [
      /bad\.json": images\[1\]: id 1 is also that of images\[0\]/,
      /images\[2\]\.file_name: expected a path, got undefined/,
      /images\[3\]\.id: expected a number, got undefined/,
      /images\[4\] has no caption/,
      /images\[5\]\.file_name: the path leads out of the root folder/,
      /annotations\[1\] is of image 7, which is not there/,
      /annotations\[2\] has no image_id or no caption/,
    ];
    assert.equal(source.length, 1 + messages.length);
    for (const [i, message] of messages.entries()) {
      await assert.rejects(
        async () => source.get(i + 1, context),
        codeOf("INVALID_MANIFEST", message),
      );
    }
  });

  test("are refused where the file is none of theirs, cut short or missing", async () => {
    const cases: [string, string, RegExp][] = [
      [write("array.json", "[1, 2]"), "INVALID_MANIFEST", /there are no images in it/],
      [write("cut.json", '{"images": [{"id": 1, "file'), "INVALID_MANIFEST", /it ends early/],
      [write("text.json", "images"), "INVALID_MANIFEST", /not COCO captions/],
      [write("deep.json", `{"info": ${"[".repeat(1e5)}`), "INVALID_MANIFEST", /more than 100 deep/],
      [write("numbers.json", '{"images": [1]}'), "INVALID_MANIFEST", /images: expected objects/],
      [join(folder, "none.json"), "FILE_NOT_FOUND", /no such file/],
    ];
    for (const [path, code, message] of cases) {
      await assert.rejects(openCocoCaptions(path), codeOf(code, message));
    }
  });

  test("that are not UTF-8 are refused, as Python's json refuses them", async () => {
    const path = join(folder, "latin.json");
    const json =
      '{"images":[{"id":1,"file_name":"0.jpg"}],"annotations":[{"image_id":1,"caption":"\xE4"}]}';
    writeFileSync(path, Buffer.from(json, "latin1"));
    await assert.rejects(openCocoCaptions(path), codeOf("INVALID_MANIFEST", /not COCO.*utf-8/i));
  });
});

describe("COCO without texts", () => {
  test("are its images alone, whatever its annotations are", async () => {
    const path = write("without.json", {
      images: [
        { id: 1, file_name: "a.jpg" },
        { id: 2, file_name: "b.jpg" },
      ],
      annotations: [
        { id: 1, image_id: 1, bbox: [0, 0, 1, 1] },
        { id: 2, image_id: 9, caption: "of an image that is not there" },
      ],
    });
    const source = await openCocoCaptions(path, { texts: false });
    assert.equal(source.length, 2);
    assert.deepEqual(await source.get(1, context), {
      image: join(folder, "b.jpg"),
      text: "",
      key: "b.jpg",
    });
    const withTexts = await openCocoCaptions(path);
    // annotations of no image are pairs that cannot be read
    assert.equal(withTexts.length, 4);
    await assert.rejects(
      async () => withTexts.get(3, context),
      codeOf("INVALID_MANIFEST", /image 9/),
    );
  });

  test("of objects alone are refused with texts, and not without", async () => {
    const path = write("objects.json", {
      images: [{ id: 1, file_name: "a.jpg" }],
      annotations: [{ id: 1, image_id: 1, bbox: [0, 0, 1, 1] }],
    });
    await assert.rejects(openCocoCaptions(path), codeOf("INVALID_MANIFEST", /have no captions/));
    assert.equal((await openCocoCaptions(path, { texts: false })).length, 1);
  });
});
