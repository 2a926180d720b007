import type { TokenizerCore } from "./tokenizer-core.js";

/** What a tokenizer's vocabulary is, and what rows of its tokens are filled with. */
export function shownTokenizer({
  vocabSize,
  padTokenId,
  idToToken,
  files,
}: Pick<TokenizerCore, "vocabSize" | "padTokenId" | "idToToken" | "files">): string {
  const id = padTokenId();
  const padding =
    id === undefined
      ? "no padding token"
      : `padded with ${idToToken(id) ?? id} (${id}) at the ${files.paddingSide}`;
  return `Tokenizer: ${vocabSize()} tokens, ${padding}`;
}
