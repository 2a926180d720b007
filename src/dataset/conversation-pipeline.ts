import { errorOfSample } from "../shared/error-of-sample.js";
import { PixtokError } from "../shared/errors.js";
import type { Tensor } from "../shared/tensor.js";
import { tokenizerOfCore } from "../text/tokenizer.js";
import type { ModelCore } from "../vision-language/model-core.js";
import { modelFields } from "../vision-language/model-fields.js";
import { type EncodedRow, rowTensors } from "../vision-language/row-tensors.js";
import type { ChatRowConfig } from "./chat-options.js";
import type { ReadPair } from "./pair-reader.js";
import { joinedRows, sequenceTensors } from "./sequences.js";
import {
  type PaddedTokens,
  paddedLength,
  shareOfPadding,
  type TextPipeline,
} from "./text-pipeline.js";

/** What the tensors of a rejected answer are called, beside those of the chosen one. */
export const REJECTED = "rejected_";

/** A pair with its tokens. What is padded or fills a sequence is the longest of its answers. */
export function withTokens<T extends object>(
  pair: T,
  encoded: readonly EncodedRow[],
): T & Required<Pick<ReadPair, "encoded" | "tokens">> {
  const longest = Math.max(...encoded.map(({ ids }) => ids.length));
  const { ids } = encoded.find((row) => row.ids.length === longest) as EncodedRow;
  return { ...pair, encoded, tokens: { ids, whole: ids.length } };
}

/**
 * Tokens of a pair whose images are measured: of its conversation, or of both of a preference.
 *
 * @throws {PixtokError} IMAGES_MISMATCH, IMAGE_CUT, DOES_NOT_FIT of the row; INVALID_TOKENIZER.
 */
async function encodedPair(
  core: ModelCore,
  pair: ReadPair,
  maxLength: number | undefined,
): Promise<ReadPair> {
  const { contents = [], pictures = [], index, source } = pair;
  if (pair.encoded !== undefined) return pair; // a packed set knows them
  const sizes = pictures.map(({ size }) => size);
  const rows = await core.encode(
    contents.map(({ images: _, ...content }) => ({ ...content, sizes })),
    maxLength,
  );
  const encoded = rows.map((row): EncodedRow => {
    if (row instanceof PixtokError) throw errorOfSample(row, { index, source });
    return row;
  });
  return withTokens(pair, encoded);
}

/** What conversations go through: texts are encoded with their images' sizes, each row by itself. */
export function conversationPipeline(core: ModelCore, chat: ChatRowConfig): TextPipeline {
  const { maxLength, padding, padToMultipleOf, type, labels } = chat;
  const { tokenizer, names } = core.model;
  const { paddingSide, types } = core;
  const padTokenId = tokenizer.requirePadTokenId();
  const config = {
    ...({ clean: "none", cleaner: (text: string) => text, tokens: undefined } as const),
    ...{ maxLength: maxLength ?? Number.POSITIVE_INFINITY, padding, padToMultipleOf, type },
    ...{ padTokenId, paddingSide },
  };

  return {
    tokenizer: tokenizerOfCore(tokenizer),
    config,
    padding: { padTokenId, paddingSide },
    hasTexts: true,
    complete: (pair) => encodedPair(core, pair, maxLength),
    lengthOf: async (pair) => (await encodedPair(core, pair, undefined)).tokens?.whole ?? 0,
    tokensOf: async (texts) => texts.map(({ tokens }) => tokens?.ids ?? []),
    pad(rows, allocate, sequences): PaddedTokens {
      const answers = rows.reduce((most, { pair }) => Math.max(most, pair.encoded?.length ?? 1), 1);
      const own = Array.from({ length: answers }, (_, answer) =>
        rows.map(({ pair }) => pair.encoded?.[answer] as EncodedRow),
      );
      const padded = own.map((some) =>
        sequences === undefined ? some : joinedRows(some, sequences.rows),
      );
      const side = sequences === undefined ? paddingSide : "right";
      const most = sequences?.maxLength ?? config.maxLength;
      const length = paddedLength(padded.flat(), { padding, padToMultipleOf, maxLength: most });
      const tensorsOf = (some: readonly EncodedRow[]) =>
        rowTensors(some, {
          ...{ type, length, paddingSide: side, allocate, padId: padTokenId, types, labels },
          ...{ typeIds: names.inputs.includes("token_type_ids"), masks: false },
        });
      const tensors: Record<string, Tensor> = {};
      for (const [answer, some] of padded.entries()) {
        for (const [name, tensor] of Object.entries(tensorsOf(some))) {
          tensors[answer === 0 ? name : `${REJECTED}${name}`] = tensor as Tensor;
        }
      }
      const joined =
        sequences && sequenceTensors(own[0] ?? [], sequences.rows, { type, length, allocate });
      return {
        tensors: { ...tensors, ...joined?.tensors },
        ...(joined && { maxSeqlen: joined.maxSeqlen }),
        starts: joined?.starts ?? rows.map(() => [0]),
        paddingShare: shareOfPadding(padded.flat(), length),
      };
    },
    imageFields(given, { tensors, starts }) {
      const ids = (name: string) => ({ ids: tensors[`${name}input_ids`] as Tensor, starts });
      const fields = modelFields(core, given, ids(""));
      if (chat.rows !== "preferences" || fields.cross_attention_mask === undefined) return fields;
      const { cross_attention_mask: rejected } = modelFields(core, given, ids(REJECTED));
      return { ...fields, [`${REJECTED}cross_attention_mask`]: rejected };
    },
  };
}
