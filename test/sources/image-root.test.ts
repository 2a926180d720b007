// Images that a data set names, by the folder that they have to be in.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { imageFinder } from "../../src/sources/image-root.js";
import { onWindows } from "../support/fixtures.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-image-root-"));
after(() => rmSync(folder, { recursive: true }));

describe("images of a folder", () => {
  mkdirSync(join(folder, "root"));
  mkdirSync(join(folder, "root2"));
  for (const name of ["root/..x.jpg", "root2/x.jpg"]) writeFileSync(join(folder, name), "");
  const find = imageFinder(join(folder, "root"), false);

  test("are none of one beside it whose name begins as its own", async () => {
    for (const name of ["../root2/x.jpg", join(folder, "root2/x.jpg")]) {
      const found = await find(name);
      assert.match("problem" in found ? found.problem : "", /leads out/);
    }
  });

  test("may begin with two points, and be in folders that are files", async () => {
    assert.deepEqual(await find("..x.jpg"), { path: join(folder, "root/..x.jpg") });
    // there is no such file: that is said where it is read
    assert.deepEqual(await find("..x.jpg/y.jpg"), { path: join(folder, "root/..x.jpg/y.jpg") });
  });

  test("may be links that lead nowhere, which is said where they are read", {
    skip: onWindows("links need rights there"),
  }, async () => {
    for (const [name, target] of [
      ["none.jpg", "nothing.jpg"],
      ["below.jpg", "..x.jpg/y.jpg"],
      ["loop.jpg", "loop.jpg"],
    ] as const) {
      symlinkSync(target, join(folder, "root", name));
      assert.deepEqual(await find(name), { path: join(folder, "root", name) });
    }
  });

  test("have no NUL in their names, at whatever place", async () => {
    for (const name of ["\0x.jpg", "x\0.jpg", "x.jpg\0"]) {
      assert.deepEqual(await find(name), { problem: "the path has a NUL character in it" });
    }
  });
});

describe("images of a folder elsewhere", () => {
  const root = "https://example.org/sets/one";

  test("are below it, with slashes for backslashes", async () => {
    const find = imageFinder(root, false);
    for (const [name, url] of [
      ["a/x.jpg", `${root}/a/x.jpg`],
      ["a\\x.jpg", `${root}/a/x.jpg`],
      ["./a/../x y.jpg", `${root}/x%20y.jpg`],
      ["https://example.com/x.jpg", "https://example.com/x.jpg"],
    ] as const) {
      assert.deepEqual(await find(name), { url });
    }
    for (const name of ["..", "../x.jpg", "a/../../x.jpg", "..\\x.jpg", "/x.jpg"]) {
      const found = await find(name);
      assert.match("problem" in found ? found.problem : "", /leads out/, name);
    }
    for (const name of ["file:///x.jpg", "data:image/png;base64,AAAA"]) {
      assert.ok("problem" in (await find(name)), name);
    }
  });

  test("may be beside it where that is allowed", async () => {
    const find = imageFinder(root, true);
    assert.deepEqual(await find("../two/x.jpg"), { url: "https://example.org/sets/two/x.jpg" });
    assert.deepEqual(await find("/x.jpg"), { url: "https://example.org/x.jpg" });
  });
});
