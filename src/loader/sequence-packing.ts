import type { ChatRowConfig } from "../dataset/chat-options.js";
import { MAX_ROW_TOKENS } from "../shared/limits.js";
import { group, integer, type OptionReaders, optional, withDefault } from "../shared/options.js";
import { outOfRange, wrongType } from "../shared/validation.js";

/**
 * Joins rows of conversations to sequences, so that batches have little padding: within each window of the order every row
 * goes into the first sequence that has room for it, the longest first, and the sequences are shuffled.
 */
export interface SequencePacking {
  /**
   * Rows that are joined among themselves, a multiple of the number of ranks. They are read and measured, without being
   * decoded, before the first of them is in a batch. Default 960.
   */
  window?: number;
  /** Tokens of a sequence at most. Default: the dataset's `chat.maxLength`. */
  maxLength?: number;
}

/** The options, read. */
export type SequencePackingConfig = Required<SequencePacking>;

/** Lengths of a window are sorted at once. */
const MOST_ROWS = 1 << 20;

const readPacking = group({
  window: withDefault(integer(1, MOST_ROWS), 960),
  maxLength: optional(integer(1, MAX_ROW_TOKENS)),
} satisfies OptionReaders<SequencePacking>);

const NAME = "sequencePacking";

/**
 * @param chat of the dataset; undefined where its rows are no conversations.
 * @throws {TypeError | RangeError} also for a dataset whose rows are not joined.
 */
export function readSequencePacking(
  value: unknown,
  chat: ChatRowConfig | undefined,
  worldSize: number,
): SequencePackingConfig | undefined {
  if (value === undefined) return undefined;
  const { window, maxLength: given } = readPacking(NAME, value);
  if (chat === undefined) {
    throw wrongType(NAME, "none but with a dataset that has a processor", value);
  }
  if (chat.rows === "preferences") throw wrongType(NAME, "none with preferences", value);
  const { maxLength: most } = chat;
  if (most === undefined) {
    throw wrongType(
      NAME,
      "none but with a dataset that has chat.maxLength, which rows are cut to",
      value,
    );
  }
  const maxLength = given ?? most;
  if (maxLength < most) {
    throw outOfRange(`${NAME}.maxLength`, `at least chat.maxLength (${most})`, maxLength);
  }
  if (maxLength % chat.padToMultipleOf !== 0) {
    const multiple = `a multiple of chat.padToMultipleOf (${chat.padToMultipleOf})`;
    throw outOfRange(`${NAME}.maxLength`, multiple, maxLength);
  }
  if (window % worldSize !== 0) {
    throw outOfRange(`${NAME}.window`, `a multiple of worldSize (${worldSize})`, window);
  }
  return { window, maxLength };
}
