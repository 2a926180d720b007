// What the vision-language processors of transformers 5 give for photos.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ImageProcessor, type Tensor } from "pixtok";
import { readJsonLines, sha256, shared, withoutShared } from "../support/fixtures.js";

interface GoldenTensor {
  shape: number[];
  dtype: string;
  sha256: string;
}

interface Line {
  processor: string;
  backend: "default" | "pil";
  image: string;
  /** A list of tensors where torch gives no tensor of all: of Llama4 by backend "pil". */
  outputs: Record<string, GoldenTensor | [GoldenTensor] | number[][]>;
}

const isVision = (name: string) =>
  /-tiled$|^(Qwen2VL|Glm4v|Pixtral|LlavaNext|LlavaOnevision|Idefics\d|SmolVLM|Siglip2|Gemma4|Lfm2Vl|Mllama|Llama4|Janus|DeepseekVL|Phi4Multimodal|Aria|Vilt|BridgeTower|PaddleOCRVL|Ernie4_5_VLMoe)ImageProcessor$/.test(
    name,
  );

const skip = withoutShared("golden/transformers5.jsonl");
const lines = skip === false ? readJsonLines<Line>(shared("golden/transformers5.jsonl")) : [];
const byProcessor = new Map<string, Line[]>();
for (const line of lines.filter(({ processor }) => isVision(processor))) {
  byProcessor.set(line.processor, [...(byProcessor.get(line.processor) ?? []), line]);
}

function isSame(
  given: Tensor | Tensor<"bfloat16"> | number[][],
  golden: Line["outputs"][string],
): boolean {
  if (Array.isArray(given)) return JSON.stringify(given) === JSON.stringify(golden);
  const digest = sha256(given.data);
  if (Array.isArray(golden)) return digest === (golden[0] as GoldenTensor).sha256;
  // NumPy has no bfloat16
  const type = given.type === "bfloat16" ? "int16" : given.type;
  const described = { shape: given.dims, dtype: type, sha256: digest };
  return JSON.stringify(described) === JSON.stringify(golden);
}

describe("the shared goldens of transformers 5: vision-language processors, both backends", {
  skip,
}, () => {
  test("are of 25 processors, 300 in all", () => {
    const cases = [...byProcessor.values()].reduce((sum, { length }) => sum + length, 0);
    assert.deepEqual([byProcessor.size, cases], [25, 300]);
  });

  for (const [name, cases] of byProcessor) {
    test(name, async () => {
      const differences: string[] = [];
      for (const { backend, image, outputs } of cases) {
        // the goldens were made with Pillow 12
        const options = backend === "pil" ? ({ backend, resampler: "pillow12" } as const) : {};
        const folder = shared(`golden/transformers5-configs/${name}`);
        const processor = await ImageProcessor.fromPretrained(folder, options);
        const result: object = await processor.process(shared(`data/photos/${image}`));
        const given = result as Record<string, Tensor | number[][]>;
        const names = [given, outputs].map((all) => Object.keys(all).sort().join());
        const differs = Object.entries(outputs).some(
          ([output, golden]) => given[output] === undefined || !isSame(given[output], golden),
        );
        if (names[0] !== names[1] || differs) differences.push(`${backend} ${image}`);
      }
      assert.deepEqual(differences, []);
    });
  }
});
