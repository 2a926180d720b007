import { reshaped } from "../shared/make-tensor.js";
import { outOfRange } from "../shared/validation.js";
import type { TokenNumbers } from "./encode-texts.js";
import type { Encoded } from "./encoded.js";
import type { EncodedRow } from "./encoded-rows.js";
import { attentionMask, type TokenLayout, type TokenType, tokenTensor } from "./token-rows.js";

interface RowLengthOptions {
  padding: "longest" | "max_length" | false;
  /** What the length of padded rows is a multiple of. */
  multiple: number;
  maxLength: number | undefined;
  /** Whether the rows have been cut to maxLength. */
  cut: boolean;
}

/**
 * Tokens in each row of the tensors.
 *
 * @throws {RangeError} where rows are longer than `maxLength`, or differ and are not padded.
 */
export function rowLength(
  rows: readonly EncodedRow[],
  { padding, multiple, maxLength, cut }: RowLengthOptions,
): number {
  const longest = rows.reduce((most, { length }) => Math.max(most, length), 0);
  if (maxLength !== undefined && longest > maxLength) {
    if (cut) {
      throw outOfRange("max_length", `at least ${longest}, for the special tokens`, maxLength);
    }
    const text = rows.findIndex(({ length }) => length === longest);
    throw outOfRange(
      "truncation",
      `true, as text ${text} has ${longest} tokens and max_length is ${maxLength}`,
      false,
    );
  }
  const shortest = padding === "max_length" ? (maxLength as number) : longest;
  if (padding !== false) return Math.ceil(shortest / multiple) * multiple;
  if (rows.some(({ length }) => length !== longest)) {
    throw outOfRange("padding", 'true, "longest" or "max_length", as rows differ in length', false);
  }
  return longest;
}

interface EncodedLayout<T extends TokenType> extends TokenLayout<T> {
  padId: number;
  /** Whether offset_mapping and overflow_to_sample_mapping are given. */
  offsets: boolean;
  samples: boolean;
}

/** The tensors of rows that are no longer than the layout's length. */
export function encodedTensors<T extends TokenType>(
  encodings: readonly TokenNumbers[],
  rows: readonly EncodedRow[],
  { padId, offsets, samples, ...layout }: EncodedLayout<T>,
): Encoded<T> {
  const valuesOf = <V>(values: (encoding: TokenNumbers) => V[]): (readonly V[])[] =>
    rows.map((row) => row.of(values(encodings[row.sample] as TokenNumbers)));
  const ids = valuesOf((encoding) => encoding.ids);
  const typeIds = valuesOf((encoding) => encoding.typeIds);
  const encoded: Encoded<T> = {
    input_ids: tokenTensor(ids, padId, layout),
    attention_mask: attentionMask(ids, layout),
    token_type_ids: tokenTensor(typeIds, 0, layout),
  };
  if (offsets) {
    const ends = valuesOf((encoding) => encoding.offsets).map((row) => row.flat());
    const tensor = tokenTensor(ends, 0, { ...layout, length: 2 * layout.length });
    encoded.offset_mapping = reshaped(tensor, [rows.length, layout.length, 2]);
  }
  if (samples) {
    const numbers = rows.map(({ sample }) => sample);
    const tensor = tokenTensor([numbers], 0, { ...layout, length: rows.length });
    encoded.overflow_to_sample_mapping = reshaped(tensor, [rows.length]);
  }
  return encoded;
}
