// Packed sets of images alone, or of images and columns.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { tableFromIPC } from "apache-arrow";
import { attestPack, ImageProcessor, MultimodalDataset, packDataset, verifyPack } from "pixtok";
import { assertSameEpoch } from "../support/packs.js";
import {
  codeOf,
  dataset,
  imagePaths,
  newFolder,
  small,
  tokenizer,
} from "../support/packs-of-images.js";

describe("a packed set without texts", () => {
  const image = new ImageProcessor(small);
  const source = {
    length: imagePaths.length,
    get: (index: number) => ({
      image: imagePaths[index] as string,
      text: undefined as unknown as string,
      columns: { label: index % 5 },
    }),
  };
  const columns = { label: "int64" } as const;
  const original = new MultimodalDataset({ source, image, text: null, columns });
  const folder = (async () => {
    const path = newFolder();
    await packDataset(original, path);
    return path;
  })();

  test("gives the images and columns of its dataset", async () => {
    const reopened = await MultimodalDataset.from(await folder, { text: null, columns });
    await assertSameEpoch(reopened, original, { shuffle: true, seed: 2 });
    assert.equal(reopened.tokenizer, undefined);
    const byDefault = await MultimodalDataset.from(await folder);
    assert.deepEqual(Object.keys(await byDefault.get(0)).sort(), ["columns", "image", "index"]);
  });

  test("has no tokens, no texts and no tokenizer, and is verified and attested", async () => {
    const names = readdirSync(await folder).sort();
    assert.deepEqual(names, ["data-00000-of-00001.arrow", "pixtok.lock.json"]);
    const table = tableFromIPC(readFileSync(join(await folder, names[0] as string)));
    assert.deepEqual(
      table.schema.fields.map(({ name }) => name),
      ["image", "id", "index", "label"],
    );
    assert.ok((await verifyPack(await folder)).ok);
    assert.ok((await attestPack(await folder)).same);
  });

  test("gives none to who asks for texts", async () => {
    await assert.rejects(
      MultimodalDataset.from(await folder, { tokenizer, text: { maxLength: 12 } }),
      codeOf("PACK_MISMATCH", /text is null in the pack, and \{.*\} is asked for/),
    );
    await assert.rejects(
      packDataset(dataset(), await folder),
      codeOf("PACK_MISMATCH", /text is null in the pack/),
    );
  });
});
