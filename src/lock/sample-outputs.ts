import { createHash } from "node:crypto";
import type { ImageProcessor } from "../image/image-processor.js";
import type { Tensor, TensorType } from "../shared/tensor.js";
import { textCleaner } from "../text/text-cleaning.js";
import type { Tokenizer } from "../text/tokenizer.js";
import type { LockedOutput, LockedOutputs, LockedTokenizer } from "./lock-format.js";

function described({ type, data, dims }: Tensor<TensorType>): LockedOutput {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return {
    shape: [...dims],
    dtype: type,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}

/** What an image comes to. */
export async function imageOutputs(
  processor: ImageProcessor,
  file: Uint8Array,
): Promise<LockedOutputs> {
  const results = await processor.process(file);
  return Object.fromEntries(
    Object.entries(results).map(([name, tensor]) => [name, described(tensor)]),
  );
}

/** What a text comes to. */
export async function textOutputs(
  tokenizer: Tokenizer,
  { clean, maxLength }: Pick<LockedTokenizer, "clean" | "maxLength">,
  text: string,
): Promise<LockedOutputs> {
  const ids = described((await tokenizer.encode(text)).input_ids);
  if (clean === "custom") return { ids };
  const { input_ids, attention_mask } = await tokenizer.encode(textCleaner(clean)(text), {
    truncation: true,
    max_length: maxLength,
    padding: tokenizer.padTokenId === undefined ? false : "max_length",
  });
  return { ids, input_ids: described(input_ids), attention_mask: described(attention_mask) };
}
