import assert from "node:assert/strict";
import type { Batch } from "pixtok";
import { indexOfPixel, smallTokenizer } from "./pairs.js";

/** Each row of a batch of numbered pairs is the image, the tokens and the text of its index. */
export async function assertAligned(batch: Batch): Promise<void> {
  const tokenizer = await smallTokenizer();
  const [rows, length] = batch.input_ids.dims as [number, number];
  assert.equal(rows, batch.indices.length);
  assert.equal(batch.image.dims[0], rows);
  for (const [row, index] of batch.indices.entries()) {
    assert.equal(indexOfPixel(batch.image.data, row), index);
    assert.equal(batch.texts[row], String(index));
    const ids = [...batch.input_ids.data.slice(row * length, (row + 1) * length)];
    const text = await tokenizer.decode(ids, { skip_special_tokens: true });
    assert.equal(text.replaceAll(" ", ""), String(index));
  }
}
