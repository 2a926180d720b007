import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { listedFolder } from "../../src/shared/listed-folder.js";

describe("a folder that has been listed", () => {
  const paths = ["a/1.jpg", "a/2.jpg", "a/b/3.jpg", "ab/4.jpg"];
  const made: string[] = [];
  const folder = listedFolder(new Map(paths.map((path) => [path, `name/${path}`])), (listed) => {
    made.push(listed);
    return listed;
  });

  test("makes those files alone that are asked for", () => {
    assert.deepEqual([...folder.within("a").paths()], ["1.jpg", "2.jpg", "b/3.jpg"]);
    assert.equal(folder.only(["a/2.jpg", "x"]).size, 1);
    assert.deepEqual([folder.has("a/1.jpg"), folder.within("a").has("a/1.jpg")], [true, false]);
    assert.deepEqual(made, []);
    assert.equal(folder.within("a").within("b").file("3.jpg"), "name/a/b/3.jpg");
    assert.equal(folder.only(["a/2.jpg"]).file("a/1.jpg"), undefined);
    assert.deepEqual(made, ["name/a/b/3.jpg"]);
  });
});
