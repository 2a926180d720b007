import type { TokenizerCore } from "./tokenizer-core.js";
import { keptPositions } from "./truncation.js";

/** A token of a text, and what becomes of it. */
export interface MarkedToken {
  readonly id: number;
  /** As the vocabulary has it. */
  readonly token: string;
  /** "special": of no part of the text. "unknown": of a part that the vocabulary does not have. */
  readonly kind: "own" | "special" | "unknown";
  /** Whether it is cut off. */
  readonly isCut: boolean;
}

/** All tokens of each text, in their order, those that are cut to have `maxLength` included. */
export async function markedTokens(
  core: TokenizerCore,
  texts: readonly string[],
  maxLength: number,
): Promise<MarkedToken[][]> {
  const encodings = await core.encode(texts, undefined, true);
  const unknown = core.unknownTokenId();
  const cut = { maxLength, strategy: "longest_first", side: core.files.truncationSide } as const;
  return encodings.map(({ ids, sequenceIds }) => {
    const kept = new Set(keptPositions(sequenceIds, cut));
    return ids.map((id, position) => ({
      id,
      token: core.idToToken(id) ?? `${id}`,
      // a token that is added to every text may be the unknown one too, as CLIP's <|endoftext|>
      kind: sequenceIds[position] !== 0 ? "special" : id === unknown ? "unknown" : "own",
      isCut: !kept.has(position),
    }));
  });
}
