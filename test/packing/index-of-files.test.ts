// What the index of files says that have several messages, whose number is not known before they are read.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { MultimodalDataset, packDataset } from "pixtok";
import { folderPlace } from "../../src/sources/packed/folder-place.js";
import { indexOfFiles } from "../../src/sources/packed/index-of-files.js";
import { bytesOfFiles, readPackIndex } from "../../src/sources/packed/pack-index.js";
import { readPackedEnds } from "../../src/sources/packed/packed-ends.js";
import { packedFilesIn } from "../../src/sources/packed/packed-folder.js";
import { numberedPairs, tinyImage } from "../support/pairs.js";
import { savePackIndex } from "../support/save-index.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-index-of-files-"));
after(() => rmSync(folder, { recursive: true }));

test("the index of files has each of their messages, however many they are", async () => {
  // 256 rows in a message at most
  const source = numberedPairs(1500);
  const rows = new MultimodalDataset({ source, text: null, image: tinyImage });
  await packDataset(rows, folder, { fileBytes: 3 * 600 });
  const found = await packedFilesIn(folder);
  const index = await indexOfFiles(folderPlace(folder), found);
  assert.deepEqual([...index.rows], [600, 600, 300]);
  assert.deepEqual([...index.starts], [0, 3, 6, 8]);
  const messages = [];
  for (const { name } of found) {
    const [, ...own] = (await readPackedEnds(join(folder, name))).messages;
    for (const { bytes, headBytes, rows, headCrc } of own)
      messages.push(bytes, headBytes, rows, headCrc);
  }
  assert.deepEqual([...index.messages], messages);
  assert.deepEqual(
    messages.filter((_, place) => place % 4 === 2),
    [256, 256, 88, 256, 256, 88, 256, 44],
  );
  const sizes = found.map(({ name }) => statSync(join(folder, name)).size);
  assert.deepEqual(bytesOfFiles(index), sizes);
  await savePackIndex(folder, index);
  const read = await readPackIndex(folder);
  assert.deepEqual([...(read?.messages ?? [])], messages);
  assert.deepEqual(read?.starts, index.starts);
});
