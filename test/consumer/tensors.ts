// Pixtok's tensors go into the constructors of others as README.md says, and tokenizers of others into datasets,
// without a cast.

import type { Tokenizer as JsTokenizer } from "@huggingface/tokenizers";
import * as transformers from "@huggingface/transformers";
import { type PreTrainedTokenizer, Tensor as TransformersTensor } from "@huggingface/transformers";
import * as ort from "onnxruntime-common";
import { Tensor as OrtTensor, type TypedTensor } from "onnxruntime-common";
import {
  type Batch,
  MultimodalDataset,
  type Tensor,
  type Tokenizer,
  toOrt,
  toTransformers,
} from "pixtok";

export function ofOtherTokenizers(one: PreTrainedTokenizer, other: JsTokenizer) {
  const pairs = { imagePaths: ["a.png"], texts: ["a"] };
  const { tokenizer } = new MultimodalDataset({ ...pairs, tokenizer: one });
  return [tokenizer.model_max_length, new MultimodalDataset({ ...pairs, tokenizer: other })];
}

export function ofBatch({ image, input_ids, attention_mask }: Batch): OrtTensor[] {
  return [
    new OrtTensor(image.type, image.data, image.dims),
    new OrtTensor(input_ids.type, input_ids.data, input_ids.dims),
    new OrtTensor(attention_mask.type, attention_mask.data, attention_mask.dims),
  ];
}

export async function ofNamedTypes(
  tokenizer: Tokenizer,
): Promise<[TypedTensor<"float32">, TypedTensor<"int64">]> {
  const dataset = new MultimodalDataset({ imagePaths: ["a.png"], texts: ["a"], tokenizer });
  const { image, input_ids } = await dataset.get(0);
  return [
    new OrtTensor("float32", image.data, image.dims),
    new OrtTensor("int64", input_ids.data, input_ids.dims),
  ];
}

export function ofBatchForTransformers({ image, input_ids }: Batch): TransformersTensor[] {
  return [
    new TransformersTensor(image.type, image.data, image.dims),
    new TransformersTensor(input_ids.type, input_ids.data, input_ids.dims),
  ];
}

export function ofAnyType(t: Tensor): [OrtTensor, TransformersTensor] {
  return [new OrtTensor(t.type, t.data, t.dims), new TransformersTensor(t.type, t.data, t.dims)];
}

export function feeds(batch: Batch): Record<string, OrtTensor> {
  const tensors = Object.entries({ pixel_values: batch.image, input_ids: batch.input_ids });
  return Object.fromEntries(
    tensors.map(([name, t]) => [name, new OrtTensor(t.type, t.data, t.dims)]),
  );
}

export function adapted(batch: Batch): [OrtTensor, OrtTensor, TransformersTensor] {
  const { pixel_values } = toOrt(ort, { pixel_values: batch.image });
  return [pixel_values, toOrt(ort, batch.input_ids), toTransformers(transformers, batch).image];
}

// the types are there: without them anything would compile
// @ts-expect-error
export const noOrtTensor = new OrtTensor("float33", new Float32Array(1), [1]);
// @ts-expect-error
export const noTransformersTensor = new TransformersTensor("float33", new Float32Array(1), [1]);
// @ts-expect-error
export const noLibrary = toOrt({}, { image: null });
