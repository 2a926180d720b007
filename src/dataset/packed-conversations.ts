import { createHash } from "node:crypto";
import { exactJson, NoExactJson } from "../shared/exact-json.js";
import type { ColumnConfig } from "../sources/column-types.js";
import type { PackedConversations } from "../sources/packed/pack-conversations.js";
import { invalidPack, type Pack } from "../sources/packed/pack-format.js";
import {
  requireColumns,
  requirePictures,
  requireSame,
  tokenizerConfig,
} from "../sources/packed/pack-match.js";
import type { ModelCore } from "../vision-language/model-core.js";
import { coreOfModelProcessor, type Processor } from "../vision-language/processor.js";
import {
  type TokenColumns,
  tokenColumnNames,
  tokenColumns,
} from "../vision-language/row-columns.js";
import type { EncodedRow } from "../vision-language/row-tensors.js";
import type { ChatRowConfig, ChatRowOptions } from "./chat-options.js";
import { REJECTED } from "./conversation-pipeline.js";
import type { ReadPair } from "./pair-reader.js";

/** What the columns of each answer of a row are called before their own names, as the tensors of batches. */
export const prefixes = { conversations: [""], preferences: ["", REJECTED] } as const;

/** Names of the columns of tokens of a row. */
function columnNamesOf(core: ModelCore, chat: Pick<ChatRowConfig, "rows" | "labels">): string[] {
  return prefixes[chat.rows].flatMap((prefix) =>
    tokenColumnNames(core, chat).map((name) => `${prefix}${name}`),
  );
}

/** @throws {TypeError} for what a template is given and a pack cannot say, so that it could not be compared. */
function requireJson(variables: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(variables)) {
    try {
      exactJson(value);
    } catch (cause) {
      if (!(cause instanceof NoExactJson)) throw cause;
      throw new TypeError(`chat.${name}, of a packed set: ${cause.message}`);
    }
  }
}

/**
 * What a pack says of what conversations go through.
 *
 * @throws {TypeError} for what a template is given and is no JSON.
 */
export function packedConversations(core: ModelCore, chat: ChatRowConfig): PackedConversations {
  const { model } = core;
  const {
    rows,
    columns = null,
    maxLength = null,
    labels,
    addSpecialTokens = null,
    template,
  } = chat;
  const { tools = null, documents = null, template_kwargs: templateKwargs = null } = template;
  requireJson({ tools, documents, templateKwargs });
  // one that is not in the tokenizer's files may be given in their place: it is with the tokenizer
  const { pad_token: _, ...tokens } = model.specialTokens;
  const { source } = core.requireTemplate();
  const said = {
    model: {
      ...{ class: model.className, used: model.used, tokens },
      templateSha256: createHash("sha256").update(source).digest("hex"),
    },
    paddingSide: core.paddingSide,
    chat: {
      ...{ rows, columns, maxLength, labels, addSpecialTokens, tools, documents, templateKwargs },
      addGenerationPrompt: template.add_generation_prompt === true,
    },
    tokens: columnNamesOf(core, chat),
  };
  // as it is read again
  return JSON.parse(JSON.stringify(said)) as PackedConversations;
}

/** Numbers of a pair's tokens, by the names of their columns. */
export function columnsOfPair(
  core: ModelCore,
  chat: ChatRowConfig,
  { encoded = [] }: Pick<ReadPair, "encoded">,
): TokenColumns {
  const named = prefixes[chat.rows].flatMap((prefix, answer) =>
    Object.entries(tokenColumns(core, encoded[answer] as EncodedRow, chat)).map(
      ([name, numbers]) => [`${prefix}${name}`, numbers] as const,
    ),
  );
  return Object.fromEntries(named);
}

/** The options that conversations of a pack are read by: those that they were made by. */
export function chatOfPack({ chat }: PackedConversations): ChatRowOptions {
  const {
    columns: _,
    maxLength,
    addSpecialTokens,
    tools,
    documents,
    templateKwargs,
    ...others
  } = chat;
  return {
    ...others,
    ...(maxLength !== null && { maxLength }),
    ...(addSpecialTokens !== null && { addSpecialTokens }),
    ...(tools !== null && { tools }),
    ...(documents !== null && { documents }),
    ...(templateKwargs !== null && { templateKwargs }),
  };
}

/**
 * Requires conversations to be made as a pack's were. How they are padded is free, and labels may be left out; columns of
 * their source are not used.
 *
 * @throws {PixtokError} PACK_MISMATCH; INVALID_PACK where a pack has not the columns that its own options give.
 */
export function requirePackedConversations(
  pack: Pack,
  processor: Processor,
  chat: ChatRowConfig,
  columns: readonly ColumnConfig[],
): PackedConversations {
  const { folder, config } = pack;
  const packed = config.conversations as PackedConversations;
  requirePictures(pack, processor.imageProcessor, undefined);
  const core = coreOfModelProcessor(processor);
  const asked = packedConversations(core, chat);
  const free = { columns: asked.chat.columns, labels: packed.chat.labels && asked.chat.labels };
  requireSame(
    folder,
    { model: packed.model, chat: { ...packed.chat, ...free }, tokenizer: config.tokenizer },
    { model: asked.model, chat: asked.chat, tokenizer: tokenizerConfig(processor.tokenizer) },
  );
  const [there, expected] = [packed.tokens, columnNamesOf(core, packed.chat)].map(String);
  if (there !== expected) {
    throw invalidPack(folder, `its columns of tokens are ${there}; expected ${expected}`);
  }
  requireColumns(pack, columns);
  return packed;
}
