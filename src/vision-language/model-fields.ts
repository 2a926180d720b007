import type { Tensor } from "../shared/tensor.js";
import type { TokenType } from "../text/token-rows.js";
import { type AttendingTokens, crossAttention } from "./cross-attention.js";
import type { ModelCore } from "./model-core.js";
import type { ProcessedRows } from "./processed-rows.js";
import type { RowTensors } from "./row-tensors.js";

/** What a batch has of its images. */
export type ImageFields = Partial<Omit<ProcessedRows, keyof RowTensors<TokenType>>>;

/** Texts in the rows of a tensor of ids. */
export interface TextsInRows {
  readonly ids: Tensor;
  /** Where each text of each row begins. */
  readonly starts: readonly (readonly number[])[];
}

/** Tokens of each text; those of the last one of a row go on to the row's end. */
function tokensOf({ ids: { data, dims }, starts }: TextsInRows): AttendingTokens[][] {
  const [, length = 0] = dims;
  return starts.map((own, row) =>
    own.map((first, text) => {
      const end = own[text + 1] ?? length;
      const ids = Array.from({ length: end - first }, (_, at) =>
        Number(data[row * length + first + at]),
      );
      return { first, ids };
    }),
  );
}

/**
 * What the image processor gives for a batch, without what no model takes of it, and with the mask of cross attention where
 * the class has one.
 *
 * @param given by the names of the processor's class.
 * @param texts padded: padding looks at what the text before it does, as in Python.
 */
export function modelFields({ model }: ModelCore, given: object, texts: TextsInRows): ImageFields {
  const unused = model.class.unused ?? [];
  const kept = Object.entries(given).filter(([name]) => !unused.includes(name));
  const fields: ImageFields = Object.fromEntries(kept);
  if (model.class.crossAttention !== true) return fields;
  const { num_tiles: tiles = [], aspect_ratio_mask: mask } = given as ImageFields;
  const imageId = model.tokenizer.tokenToId(model.writing.place) as number;
  const mostTiles = mask?.dims.at(-1) ?? 1;
  const [, length = 0] = texts.ids.dims;
  const looking = crossAttention(tokensOf(texts), length, tiles, imageId, mostTiles);
  return { ...fields, cross_attention_mask: looking };
}
