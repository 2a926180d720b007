import { createHash } from "node:crypto";
import type { ImageProcessor } from "../image/image-processor.js";
import type { Tensor, TensorType } from "../shared/tensor.js";
import { textCleaner } from "../text/text-cleaning.js";
import type { Tokenizer } from "../text/tokenizer.js";
import type {
  LockedImage,
  LockedOutput,
  LockedOutputs,
  LockedText,
  LockedTokenizer,
} from "./lock-format.js";

function described({ type, data, dims }: Tensor<TensorType>): LockedOutput {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return {
    shape: [...dims],
    dtype: type,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}

/** What an image comes to, or several in one call. */
export async function imageOutputs(
  processor: ImageProcessor,
  files: Uint8Array | readonly Uint8Array[],
): Promise<LockedOutputs> {
  const results = await processor.process(files);
  const tensors = Object.entries(results as object as Record<string, Tensor | object>).flatMap(
    ([name, output]) =>
      // lists of numbers follow from the tensors
      "data" in output ? [[name, described(output)] as const] : [],
  );
  return Object.fromEntries(tensors);
}

export function filesOf(images: readonly LockedImage[]): Buffer[] {
  return images.map(({ file }) => Buffer.from(file, "base64"));
}

/** What a text comes to. */
export async function textOutputs(
  tokenizer: Tokenizer,
  { clean, maxLength }: Pick<LockedTokenizer, "clean" | "maxLength">,
  { text, pair }: Pick<LockedText, "text" | "pair">,
): Promise<LockedOutputs> {
  const ids = described((await tokenizer.encode(text, { text_pair: pair })).input_ids);
  if (clean === "custom") return { ids };
  const cleaned = textCleaner(clean);
  const row = await tokenizer.encode(cleaned(text), {
    text_pair: pair === null ? null : cleaned(pair),
    truncation: true,
    max_length: maxLength,
    padding: tokenizer.padTokenId === undefined ? false : "max_length",
  });
  return {
    ids,
    input_ids: described(row.input_ids),
    attention_mask: described(row.attention_mask),
    ...(pair === null ? {} : { token_type_ids: described(row.token_type_ids) }),
  };
}
