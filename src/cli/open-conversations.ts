import type { ColumnOptions } from "../dataset/batch-columns.js";
import { type AnyDataset, MultimodalDataset } from "../dataset/dataset.js";
import { wrongType } from "../shared/validation.js";
import type { SourceOptions } from "../sources/open-source.js";
import type { PairSource } from "../sources/pair-source.js";
import { Processor } from "../vision-language/processor.js";

/** What says how pairs are prepared, or which of them are taken by what they have. */
const ofPairs = {
  tokenizer: "--tokenizer",
  processor: "--processor",
  textColumn: "--text-column",
  clean: "--clean",
  onMultipleTexts: "--on-multiple-texts",
  where: "--where",
} as const;

/** What a command's options say of conversations, and what only pairs have. */
export interface ConversationArguments extends Partial<Record<keyof typeof ofPairs, unknown>> {
  maxPixels?: number;
  maxLength?: number;
  columns?: ColumnOptions;
  texts: boolean;
}

/** Opens paths, or takes a source of conversations, as a dataset. Options are those of paths. */
export type ConversationsFrom = (
  data: readonly string[] | PairSource,
  options?: Omit<
    SourceOptions,
    "columns" | "imageColumns" | "texts" | "rows" | "conversationColumns"
  >,
) => Promise<AnyDataset>;

/**
 * How rows that are conversations are prepared, by the options of a command.
 *
 * @throws {TypeError} for an option of pairs.
 * @throws {PixtokError} as Processor.fromPretrained().
 */
export async function conversationsBy(
  model: string,
  given: ConversationArguments,
): Promise<ConversationsFrom> {
  for (const [name, option] of Object.entries(ofPairs)) {
    const value = given[name as keyof typeof ofPairs];
    if (value !== undefined) throw wrongType(option, "none with --model", value);
  }
  if (!given.texts) throw wrongType("--no-texts", "none with --model", true);
  const { maxPixels, maxLength, columns } = given;
  const image = maxPixels === undefined ? {} : { image: { maxPixels } };
  const prepared = {
    processor: await Processor.fromPretrained(model, image),
    ...(columns && { columns }),
    ...(maxLength !== undefined && { chat: { maxLength } }),
  };
  return (data, options = {}) => MultimodalDataset.from(data, { ...options, ...prepared });
}
