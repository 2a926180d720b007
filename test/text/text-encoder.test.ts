// An ONNX text encoder as a field of a loader's batches. Model and expected values:
// test/goldens/make_text_encoder.py. Its runtime, 97 MB, is installed by `npm ci --prefix test/onnx`.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { type Batch, DataLoader, type Tensor } from "pixtok";
import { fixture } from "../support/fixtures.js";
import { numberedDataset } from "../support/pairs.js";

/** The part of onnxruntime-node that is used. */
interface Runtime {
  InferenceSession: {
    create(path: string): Promise<{
      run(feeds: Record<string, unknown>): Promise<Record<string, Tensor<"float32"> | undefined>>;
    }>;
  };
  Tensor: new (type: string, data: Tensor["data"], dims: readonly number[]) => unknown;
}

const installed = existsSync(new URL("../onnx/node_modules/onnxruntime-node", import.meta.url));
const skip = !installed && "onnxruntime-node is not installed: npm ci --prefix test/onnx";

interface Expected {
  input_ids: number[][];
  attention_mask: number[][];
  text_embedding: number[][];
  /** Eight times the embedding of each id. */
  table: number[][];
}

const expected = JSON.parse(readFileSync(fixture("onnx/text-encoder.json"), "utf8")) as Expected;

async function openEncoder() {
  const require = createRequire(new URL("../onnx/package.json", import.meta.url));
  const { InferenceSession, Tensor } = require("onnxruntime-node") as Runtime;
  const session = await InferenceSession.create(fixture("onnx/text-encoder.onnx"));
  // pixtok's tensors go into onnxruntime's own as they are
  const taken = ({ type, data, dims }: Tensor) => new Tensor(type, data, dims);
  return async (
    tokens: Pick<Batch, "input_ids" | "attention_mask">,
  ): Promise<Tensor<"float32">> => {
    const { text_embedding } = await session.run({
      input_ids: taken(tokens.input_ids),
      attention_mask: taken(tokens.attention_mask),
    });
    assert.ok(text_embedding !== undefined);
    const { data, dims } = text_embedding;
    return { type: "float32", data, dims };
  };
}

const int64 = (rows: number[][]): Tensor<"int64"> => ({
  type: "int64",
  data: BigInt64Array.from(rows.flat(), BigInt),
  dims: [rows.length, rows[0]?.length ?? 0],
});

describe("an ONNX text encoder", { skip }, () => {
  test("gives what NumPy gives", async () => {
    const encode = await openEncoder();
    const embedding = await encode({
      input_ids: int64(expected.input_ids),
      attention_mask: int64(expected.attention_mask),
    });
    assert.deepEqual([...embedding.data], expected.text_embedding.flat());
  });

  test("is a field of a loader's batches, row for row", async () => {
    const loader = new DataLoader(await numberedDataset(20), {
      batchSize: 6,
      shuffle: true,
      fields: { text_embedding: await openEncoder() },
    });
    for await (const { fields, input_ids, attention_mask, indices } of loader) {
      const { data, dims } = fields.text_embedding;
      assert.deepEqual(dims, [indices.length, 4]);
      const length = input_ids.dims[1] as number;
      for (const row of indices.keys()) {
        const at = (tensor: typeof input_ids) =>
          [...tensor.data.slice(row * length, (row + 1) * length)].map(Number);
        const ids = at(input_ids).filter((_, i) => at(attention_mask)[i] === 1);
        const mean = [0, 1, 2, 3].map((dimension) => {
          const sum = ids.reduce(
            (total, id) => total + (expected.table[id]?.[dimension] ?? NaN),
            0,
          );
          return Math.fround(sum / 8 / ids.length);
        });
        assert.deepEqual([...data.slice(4 * row, 4 * row + 4)], mean);
      }
    }
  });
});
