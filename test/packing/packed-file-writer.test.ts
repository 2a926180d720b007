// What becomes of a packed file that cannot be given its name.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import files from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { test } from "node:test";
import { MultimodalDataset, packDataset } from "pixtok";
import { numberedPairs, tinyImage } from "../support/pairs.js";
import { newFolder } from "../support/remote-sets.js";

test("a packed file that cannot be given its name is removed", async (t) => {
  const { rename } = files;
  t.mock.method(files, "rename", async (from: string, to: string) => {
    if (!to.endsWith(".arrow")) return rename(from, to);
    throw Object.assign(new Error("EXDEV"), { code: "EXDEV", syscall: "rename" });
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.reset();
    syncBuiltinESMExports();
  });
  const dataset = await MultimodalDataset.from(numberedPairs(2), { image: tinyImage, text: null });
  const folder = newFolder();
  await assert.rejects(packDataset(dataset, folder), { code: "FILE_UNWRITABLE" });
  assert.deepEqual(
    readdirSync(folder).filter((name) => /arrow/.test(name)),
    [],
  );
});
