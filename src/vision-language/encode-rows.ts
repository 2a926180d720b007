import type { Size } from "../image/output-size.js";
import { PixtokError } from "../shared/errors.js";
import type { TokenNumbers } from "../text/encode-texts.js";
import { truncatedRows } from "../text/encoded-rows.js";
import type { TokenizerCore } from "../text/tokenizer-core.js";
import type { MeasuredImage } from "./classes/measured-image.js";
import type { ImageWriting } from "./model-class.js";
import type { EncodedRow } from "./row-tensors.js";
import type { RowText, Span } from "./row-text.js";
import { inCharacters, movedSpans, type WrittenText, writeImages } from "./written-images.js";

/** What rows are encoded by. */
export interface RowEncoding {
  readonly tokenizer: TokenizerCore;
  readonly writing: ImageWriting;
  readonly measure: (size: Size, count: number) => MeasuredImage;
}

/** @throws {PixtokError} of the row, without its index. */
function writtenRow({ text, sizes }: RowText, { writing, measure }: RowEncoding): WrittenText {
  const images = sizes.map((size) => measure(size, sizes.length));
  return writeImages(text, images, writing);
}

/**
 * Tokens of rows, and an error in place of each that is at fault: a count of images that is not the text's, an image
 * that the class cannot take, a cut in the middle of one.
 *
 * @param maxLength tokens that rows are cut to; undefined: they are not.
 * @throws {PixtokError} INVALID_TOKENIZER where the tokenizer fails.
 */
export async function encodeRows(
  rows: readonly RowText[],
  encoding: RowEncoding,
  maxLength: number | undefined,
): Promise<(EncodedRow | PixtokError)[]> {
  const written = rows.map((row) => faultOr(() => writtenRow(row, encoding)));
  const encoded = new Array<EncodedRow | PixtokError>(rows.length);
  for (const adds of [true, false]) {
    const at = rows.flatMap((row, index) => (row.addSpecialTokens === adds ? [index] : []));
    const whole = at.filter((index) => !(written[index] instanceof PixtokError));
    const texts = whole.map((index) => (written[index] as WrittenText).text);
    const tokens =
      texts.length === 0 ? [] : await encoding.tokenizer.encode(texts, undefined, adds);
    for (const index of at) {
      const fault = written[index];
      if (fault instanceof PixtokError) encoded[index] = fault;
    }
    for (const [place, index] of whole.entries()) {
      encoded[index] = faultOr(() =>
        encodedRow(
          rows[index] as RowText,
          written[index] as WrittenText,
          tokens[place] as TokenNumbers,
          encoding,
          maxLength,
        ),
      );
    }
  }
  return encoded;
}

function faultOr<T>(work: () => T): T | PixtokError {
  try {
    return work();
  } catch (fault) {
    if (fault instanceof PixtokError) return fault;
    throw fault;
  }
}

function encodedRow(
  row: RowText,
  written: WrittenText,
  tokens: TokenNumbers,
  { tokenizer }: RowEncoding,
  maxLength: number | undefined,
): EncodedRow {
  const learned =
    row.learned === null ? null : overlapping(tokens.offsets, movedSpans(row.learned, written));
  if (maxLength === undefined || tokens.length <= maxLength) {
    return { ids: tokens.ids, typeIds: tokens.typeIds, learned };
  }
  const side = tokenizer.files.truncationSide;
  const [kept] = truncatedRows([tokens], { maxLength, strategy: "longest_first", side });
  const ofKept = <T>(values: readonly T[]) => (kept as NonNullable<typeof kept>).of(values);
  requireWholeImages(tokens, ofKept, written, maxLength);
  return {
    ids: ofKept(tokens.ids),
    typeIds: ofKept(tokens.typeIds),
    learned: learned === null ? null : ofKept(learned),
  };
}

/** 1 for each token that has characters of one of the spans, which are in their order. */
function overlapping(offsets: readonly number[][], spans: readonly Span[]): number[] {
  let next = 0;
  return offsets.map(([begin = 0, end = 0]) => {
    while (next < spans.length && begin >= (spans[next] as Span)[1]) next += 1;
    const span = spans[next];
    return span !== undefined && end > span[0] && begin < span[1] ? 1 : 0;
  });
}

/** @throws {PixtokError} IMAGE_CUT where a token of an image is not kept. */
function requireWholeImages(
  { offsets, length }: TokenNumbers,
  ofKept: <T>(values: readonly T[]) => readonly T[],
  { text, spans }: WrittenText,
  maxLength: number,
): void {
  if (spans.length === 0) return;
  const images = spans.map((span) => inCharacters(text, span));
  const ofImages = overlapping(offsets, images);
  const all = ofImages.reduce((sum, one) => sum + one, 0);
  const kept = ofKept(ofImages).reduce((sum, one) => sum + one, 0);
  if (kept === all) return;
  throw new PixtokError(
    "IMAGE_CUT",
    `it has ${length} tokens, ${all} of them of images, and max_length ${maxLength} leaves ${kept} of these`,
  );
}
