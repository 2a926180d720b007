import type { TokenNumbers } from "./encode-texts.js";

/** What becomes of a text. */
export interface TextMeasure {
  /** Whether it is nothing but white space. */
  blank: boolean;
  /** Tokens in its row before it is cut, special ones included. */
  length: number;
  /** Those of the text itself. */
  ownTokens: number;
  /** Those among them that the vocabulary does not have. */
  unknownTokens: number;
}

export function measureText(
  text: string,
  { ids, sequenceIds }: TokenNumbers,
  unknownId: number | null | undefined,
): TextMeasure {
  // a token that is added to every text may be the unknown one too, as CLIP's <|endoftext|>
  const own = ids.filter((_, position) => sequenceIds[position] === 0);
  return {
    blank: text.trim() === "",
    length: sequenceIds.length,
    ownTokens: own.length,
    unknownTokens: own.filter((id) => id === unknownId).length,
  };
}
