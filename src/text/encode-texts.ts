import type { Encoding, Tokenizer } from "tokenizers";

/** The numbers of a text's tokens: read from the library when they are asked for. */
export interface TokenNumbers {
  readonly ids: number[];
  readonly typeIds: number[];
  /** Which text of a pair a token is of; of special tokens none. */
  readonly sequenceIds: ReturnType<Encoding["getSequenceIds"]>;
}

const numbersOf = (encoding: Encoding): TokenNumbers => ({
  get ids() {
    return encoding.getIds();
  },
  get typeIds() {
    return encoding.getTypeIds();
  },
  get sequenceIds() {
    return encoding.getSequenceIds();
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
