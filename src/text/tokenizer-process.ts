/** What a process of its own does for a tokenizer that this one must not have. */
import { Tokenizer } from "tokenizers";
import { encodeTexts } from "./encode-texts.js";
import type { IsolatedAnswer, IsolatedRequest } from "./isolated-tokenizer.js";

let tokenizer: Tokenizer | undefined;

async function answer(request: IsolatedRequest): Promise<IsolatedAnswer["value"]> {
  if (request.kind === "load") {
    tokenizer = Tokenizer.fromString(request.json);
    tokenizer.disableTruncation();
    tokenizer.disablePadding();
    return undefined;
  }
  const loaded = tokenizer as Tokenizer;
  if (request.kind === "decode") return loaded.decode(request.ids, request.skipSpecialTokens);
  const encodings = await encodeTexts(
    loaded,
    request.texts,
    request.pairs,
    request.addSpecialTokens,
  );
  return encodings.map(({ length, ids, typeIds, sequenceIds, offsets }) => ({
    length,
    ids,
    typeIds,
    sequenceIds,
    offsets,
  }));
}

process.on("message", (request: IsolatedRequest) => {
  const { number } = request;
  answer(request).then(
    (value) => process.send?.({ number, value } satisfies IsolatedAnswer),
    (error: Error) => process.send?.({ number, error: error.message } satisfies IsolatedAnswer),
  );
});
