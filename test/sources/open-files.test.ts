// Files that stay open for a while between reads.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import files from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { openFiles } from "../../src/sources/open-files.js";
import { cannotList, openBelow } from "../support/open-files.js";
import { newFolder } from "../support/remote-sets.js";

test("a file whose version cannot be told is closed", { skip: cannotList }, async (t) => {
  const folder = newFolder();
  const path = join(folder, "file");
  writeFileSync(path, "abc");
  t.mock.method(files, "stat", () => Promise.reject(new Error("no version")));
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.reset();
    syncBuiltinESMExports();
  });
  await assert.rejects(openFiles(4).read(path, 0, 3), /no version/);
  assert.deepEqual(openBelow(folder), []);
});
