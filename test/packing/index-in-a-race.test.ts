// What becomes of an index that is being made while files are replaced, or while nobody wants it any more.

import assert from "node:assert/strict";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { packDataset, verifyPack } from "pixtok";
import { folderTarget } from "../../src/packing/folder-target.js";
import { indexWholeSet } from "../../src/packing/index-versions.js";
import { indexOfFiles } from "../../src/sources/packed/index-of-files.js";
import { INDEX_NAME } from "../../src/sources/packed/pack-format.js";
import { packedFilesIn } from "../../src/sources/packed/packed-folder.js";
import {
  copiedWithoutIndex,
  FILES,
  fileBytes,
  nameOf,
  others,
  replaceFile,
  root,
} from "../support/indexed-packs.js";

/** A signal that nobody aborts, which does something when it is looked at for that time. */
function signalWith(time: number, work: () => void): { signal: AbortSignal; looks: () => number } {
  const { signal } = new AbortController();
  let looks = 0;
  signal.throwIfAborted = () => {
    if (looks === time) work();
    looks += 1;
  };
  return { signal, looks: () => looks };
}

describe("the index of a whole set", () => {
  test("is not written where a file was replaced while it was made", async () => {
    const folder = join(root, "replacing");
    await packDataset(others, folder, { fileBytes, part: { index: 3, of: FILES } });
    const copy = await copiedWithoutIndex();
    const undisturbed = signalWith(0, () => {});
    await indexWholeSet(folderTarget(copy), FILES, undisturbed);
    rmSync(join(copy, INDEX_NAME));
    // when the head of this file has been read, and not yet those of all
    const half = signalWith(undisturbed.looks() >> 1, () =>
      replaceFile(copy, 3, join(folder, nameOf(3))),
    );
    await indexWholeSet(folderTarget(copy), FILES, half);
    assert.equal(existsSync(join(copy, INDEX_NAME)), false);
    await indexWholeSet(folderTarget(copy), FILES);
    assert.deepEqual((await verifyPack(copy, { quick: true })).problems, []);
    assert.equal(existsSync(join(copy, INDEX_NAME)), true);
  });

  test("is not made on where the signal is aborted among the files", async () => {
    const copy = await copiedWithoutIndex();
    const stop = new AbortController();
    const reason = new Error("enough");
    const found = (await packedFilesIn(copy)).entries();
    /** Aborts when it comes to the second file. */
    const names = Array.from(found, ([place, { name }]) => ({
      get name() {
        if (place === 1) stop.abort(reason);
        if (place === 40) assert.fail("it goes on");
        return name;
      },
    }));
    await assert.rejects(indexOfFiles(folderTarget(copy), names, stop.signal), reason);
    assert.equal(existsSync(join(copy, INDEX_NAME)), false);
  });
});
