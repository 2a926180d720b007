import { readOptions } from "../shared/options.js";
import { outOfRange, requireInteger, wrongType } from "../shared/validation.js";
import type { Encoded } from "./encoded.js";
import { type EncodedRow, overflowingRows, truncatedRows, wholeRows } from "./encoded-rows.js";
import { encodedTensors, rowLength } from "./encoded-tensors.js";
import type { TokenType } from "./token-rows.js";
import type { TokenizerCore } from "./tokenizer-core.js";
import {
  type EncodeOptions,
  encodeReaders,
  MAX_LENGTH,
  requireTextList,
} from "./tokenizer-options.js";

/**
 * Texts to tensors, as the options of the Tokenizer's `encode` say.
 *
 * @throws {TypeError | RangeError} for misuse, for rows of different lengths without padding, and for
 *   rows longer than max_length without truncation.
 * @throws {PixtokError} INVALID_TOKENIZER where the tokenizer cannot pad or fails.
 */
export async function encodeToTensors<T extends TokenType>(
  core: TokenizerCore,
  texts: string | readonly string[],
  options: EncodeOptions<T>,
): Promise<Encoded<T>> {
  const { paddingSide, truncationSide } = core.files;
  const list = requireTextList("texts", texts);
  if (list.length === 0) throw outOfRange("texts", "at least one text", texts);
  const given = readOptions("encode", options, encodeReaders);
  const { padding, truncation, add_special_tokens: addSpecialTokens, text_pair: pairs } = given;
  if (pairs !== undefined && pairs.length !== list.length) {
    throw outOfRange("text_pair", `${list.length} texts, as many as first texts`, pairs.length);
  }
  const needsLength = truncation !== false || padding === "max_length";
  const maxLength = readMaxLength(core, given.max_length, needsLength);
  const multiple = padding === false ? 1 : (given.pad_to_multiple_of ?? 1);
  if (truncation !== false && (maxLength as number) % multiple !== 0) {
    throw outOfRange("max_length", `a multiple of pad_to_multiple_of (${multiple})`, maxLength);
  }

  const encodings = await core.encode(list, pairs, addSpecialTokens);
  let rows: EncodedRow[];
  if (truncation === false) rows = wholeRows(encodings);
  else {
    const cut = {
      maxLength: maxLength as number,
      strategy: truncation,
      side: truncationSide,
    };
    rows = given.return_overflowing_tokens
      ? overflowingRows(encodings, cut, given.stride)
      : truncatedRows(encodings, cut);
  }
  const length = rowLength(rows, { padding, multiple, maxLength, cut: truncation !== false });
  return encodedTensors(encodings, rows, {
    type: given.type as T,
    length,
    paddingSide,
    padId: rows.every((row) => row.length === length) ? 0 : core.requirePadTokenId(),
    offsets: given.return_offsets_mapping,
    samples: given.return_overflowing_tokens,
  });
}

function readMaxLength(
  { files, warnAboveLimit }: TokenizerCore,
  value: unknown,
  needed: boolean,
): number | undefined {
  if (value == null) {
    if (!needed) return undefined;
    const { defaultMaxLength } = files;
    if (defaultMaxLength !== undefined) return defaultMaxLength;
    throw wrongType(
      "max_length",
      "a length, for truncation or for padding to it, as the tokenizer's files have none",
      value,
    );
  }
  const maxLength = requireInteger("max_length", value, 1, MAX_LENGTH);
  warnAboveLimit(maxLength);
  return maxLength;
}
