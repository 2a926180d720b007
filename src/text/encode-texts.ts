import type { Encoding, Tokenizer } from "tokenizers";

/** The numbers of a text's tokens: read from the library when they are asked for. */
export interface TokenNumbers {
  /** Number of tokens. */
  readonly length: number;
  readonly ids: number[];
  readonly typeIds: number[];
  /** Which text of a pair a token is of; of special tokens none. */
  readonly sequenceIds: ReturnType<Encoding["getSequenceIds"]>;
  /** Where in its text a token begins and ends, in code points; of special tokens 0 and 0. */
  readonly offsets: number[][];
}

const numbersOf = (encoding: Encoding): TokenNumbers => ({
  get length() {
    return encoding.getLength();
  },
  get ids() {
    return encoding.getIds();
  },
  get typeIds() {
    return encoding.getTypeIds();
  },
  get sequenceIds() {
    return encoding.getSequenceIds();
  },
  get offsets() {
    return encoding.getOffsets();
  },
});

/** Encodes texts, each with its pair where there are pairs. */
export async function encodeTexts(
  tokenizer: Tokenizer,
  texts: readonly string[],
  pairs: readonly string[] | undefined,
  addSpecialTokens: boolean,
): Promise<TokenNumbers[]> {
  const options = { addSpecialTokens };
  // encodeBatch takes no pairs
  const encodings =
    pairs === undefined
      ? await tokenizer.encodeBatch([...texts], options)
      : await Promise.all(
          texts.map((text, row) => tokenizer.encode(text, pairs[row] as string, options)),
        );
  return encodings.map(numbersOf);
}
