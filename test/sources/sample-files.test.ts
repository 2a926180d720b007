// Which files of a sample in a shard are meant, by their extensions alone.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  chooseFiles,
  chooseImage,
  inColumn,
  readWantedFiles,
  withExtension,
} from "../../src/sources/webdataset/sample-files.js";

const wanted = (given: Record<string, unknown> = {}) =>
  readWantedFiles({ imageColumns: [], ...given });

describe("files with an extension", () => {
  test("have just that, or else end with it behind a point", () => {
    assert.deepEqual(withExtension(["a.txt", "txt"], ["txt"]), [1]);
    assert.deepEqual(withExtension(["a.txt", "jpg", "b.txt"], ["txt"]), [0, 2]);
    assert.deepEqual(withExtension(["ctxt", "txt.a"], ["txt"]), []);
  });
});

describe("the image of a sample", () => {
  test("is the one that imageExtension names, also where a column of images has it too", () => {
    const given = { imageExtension: "left.jpg", imageColumns: ["left.jpg"] };
    assert.equal(chooseImage(["jpg", "left.jpg"], wanted(given)), 1);
  });

  test("is none that a column of images has, in capitals or not", () => {
    for (const name of ["left", "LEFT", "left.jpg"]) {
      assert.equal(chooseImage(["left.jpg", "jpg"], wanted({ imageColumns: [name] })), 1);
    }
  });

  test("is of a format that is read before one that is not", () => {
    assert.equal(chooseImage(["heic", "jpg"], wanted()), 1);
    assert.equal(chooseImage(["heic", "json"], wanted()), 0);
  });

  test("is several where these have numbers, in their order and not in that of the names", () => {
    assert.deepEqual(chooseImage(["p10.jpg", "p9.png", "p1.jpg"], wanted()), [2, 1, 0]);
    assert.match(String(chooseImage(["p1.jpg", "q2.jpg"], wanted())), /several images, \.p1\.jpg/);
    assert.match(String(chooseImage(["p1.jpg", "p01.jpg"], wanted())), /several images/);
  });

  test("is one for each extension of a list, null where there is none", () => {
    const images = wanted({ imageExtension: ["b.jpg", "a.jpg"] });
    assert.deepEqual(chooseImage(["a.jpg", "txt"], images), [null, 0]);
    assert.match(String(chooseImage(["x.a.jpg", "y.a.jpg"], images)), /for one of imageExtension/);
  });
});

describe("the image of a sample in a column", () => {
  test("is called as the column, or begins so, and is an image", () => {
    assert.deepEqual(inColumn(["left.jpg", "left.png"], "left.png"), [1]);
    assert.deepEqual(inColumn(["left.jpg", "left.txt", "leftover.jpg", "left.a.jpg"], "left"), [0]);
    assert.deepEqual(inColumn(["left.jpg", "left.heic"], "left"), [0, 1]);
  });
});

describe("the text of a sample", () => {
  const textOf = (extensions: readonly string[], given = {}) => {
    const chosen = chooseFiles(["jpg", ...extensions], wanted(given));
    return typeof chosen === "string" ? chosen : extensions[chosen.text - 1];
  };

  test("is in txt before json, and there before cls", () => {
    assert.equal(textOf(["cls", "json", "txt"]), "txt");
    assert.equal(textOf(["cls", "json"]), "json");
    assert.equal(textOf(["cls"]), "cls");
  });

  test("is in the JSON where a column of it is named, and in what textExtension names", () => {
    assert.equal(textOf(["txt", "json"], { textColumn: "caption" }), "json");
    assert.equal(textOf(["txt", "caption"], { textExtension: ".Caption" }), "caption");
    assert.match(
      String(textOf(["txt"], { textColumn: "caption" })),
      /has no text: expected \.json/,
    );
  });

  test("is not looked for where none are wanted", () => {
    assert.deepEqual(chooseFiles(["jpg"], wanted({ texts: false })), { image: 0, text: 0 });
  });
});
