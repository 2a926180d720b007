// What image processors of transformers 5 give for photos, by both backends.

import { existsSync } from "node:fs";
import { ImageProcessor, type Tensor } from "pixtok";
import { readJsonLines, sha256, shared, withoutShared } from "./fixtures.js";

interface GoldenTensor {
  shape: number[];
  dtype: string;
  sha256: string;
}

export interface ProcessorGolden {
  processor: string;
  backend: "default" | "pil";
  image: string;
  /** A list of tensors where torch gives no tensor of all: of Llama4 by backend "pil". */
  outputs: Record<string, GoldenTensor | [GoldenTensor] | number[][]>;
}

export const skip = withoutShared("golden/transformers5.jsonl");

/** All goldens, by processor. */
export function goldensByProcessor(): Map<string, ProcessorGolden[]> {
  const byProcessor = new Map<string, ProcessorGolden[]>();
  if (skip !== false) return byProcessor;
  for (const golden of readJsonLines<ProcessorGolden>(shared("golden/transformers5.jsonl"))) {
    const others = byProcessor.get(golden.processor) ?? [];
    byProcessor.set(golden.processor, [...others, golden]);
  }
  return byProcessor;
}

function isSame(
  given: Tensor | Tensor<"bfloat16"> | number[][],
  golden: ProcessorGolden["outputs"][string],
): boolean {
  if (Array.isArray(given)) return JSON.stringify(given) === JSON.stringify(golden);
  const digest = sha256(given.data);
  if (Array.isArray(golden)) return digest === (golden[0] as GoldenTensor).sha256;
  // NumPy has no bfloat16
  const type = given.type === "bfloat16" ? "int16" : given.type;
  const described = { shape: given.dims, dtype: type, sha256: digest };
  return JSON.stringify(described) === JSON.stringify(golden);
}

/** Which of a processor's goldens it does not give, by backend and image. */
export async function differencesOf(goldens: readonly ProcessorGolden[]): Promise<string[]> {
  const differences: string[] = [];
  for (const { processor: name, backend, image, outputs } of goldens) {
    // the goldens were made with Pillow 12
    const options = backend === "pil" ? ({ backend, resampler: "pillow12" } as const) : {};
    const own = shared(`data/processors/${name}`);
    const folder = existsSync(own) ? own : shared(`golden/transformers5-configs/${name}`);
    const processor = await ImageProcessor.fromPretrained(folder, options);
    const result: object = await processor.process(shared(`data/photos/${image}`));
    const given = result as Record<string, Tensor | number[][]>;
    const names = [given, outputs].map((all) => Object.keys(all).sort().join());
    const differs = Object.entries(outputs).some(
      ([output, golden]) => given[output] === undefined || !isSame(given[output], golden),
    );
    if (names[0] !== names[1] || differs) differences.push(`${name} ${backend} ${image}`);
  }
  return differences;
}
