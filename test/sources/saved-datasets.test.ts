// Which files of a folder are a dataset that `datasets` has saved, and their order.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { isSavedDataset, savedArrowFiles } from "../../src/sources/saved-datasets.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-saved-"));
after(() => rmSync(folder, { recursive: true }));
const paths = (...names: string[]) => names.map((name) => join(folder, name));

describe("a saved dataset", () => {
  test("has a state or an info, and Arrow files that are no leftovers", () => {
    assert.equal(isSavedDataset(["state.json", "data.arrow"]), true);
    assert.equal(isSavedDataset(["dataset_info.json", "imagefolder-train.arrow"]), true);
    for (const name of ["cache-0123456789abcdef.arrow", "tmpk2j3.arrow", "data.parquet"]) {
      assert.equal(isSavedDataset(["state.json", name]), false, name);
    }
    assert.equal(isSavedDataset(["data.arrow"]), false);
  });

  test("without a state has its files in the order of their names", async () => {
    const names = [2, 0, 1].map((shard) => `x-train-0000${shard}-of-00003.arrow`);
    const others = ["tmp1.arrow", "cache-1.arrow", "dataset_info.json"];
    const sorted = await savedArrowFiles(folder, [...names, ...others]);
    assert.deepEqual(sorted, paths(...names.toSorted()));
  });

  const withState = (state: object) => {
    writeFileSync(join(folder, "state.json"), JSON.stringify(state));
    return savedArrowFiles(folder, [
      "state.json",
      "data-00000-of-00002.arrow",
      "data-00001-of-00002.arrow",
    ]);
  };

  test("with a state has the files of its list in their order, all of them in the folder", async () => {
    const listed = ["data-00001-of-00002.arrow", "../../data-00000-of-00002.arrow"].map(
      (filename) => ({ filename }),
    );
    const expected = paths("data-00001-of-00002.arrow", "data-00000-of-00002.arrow");
    for (const indices of [undefined, null, []]) {
      const state = { _data_files: listed, _indices_data_files: indices };
      assert.deepEqual(await withState(state), expected);
    }
  });

  test("whose state names no files is none", async () => {
    for (const files of [undefined, [], [{}], ["data-0.arrow"], "data-0.arrow"]) {
      await assert.rejects(withState({ _data_files: files }), /it names no files/);
    }
  });
});
