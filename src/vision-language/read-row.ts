import { requireMessages } from "../chat/rows/messages.js";
import { PixtokError } from "../shared/errors.js";
import { asGiven, optional, readOptions } from "../shared/options.js";
import { describe, isObject, requireInteger, wrongType } from "../shared/validation.js";
import { objects, type ProcessorRow } from "./processor-options.js";

const textReaders = { text: asGiven, images: asGiven };
const messagesReaders = {
  messages: asGiven,
  images: asGiven,
  tools: optional(objects),
  learnsFrom: asGiven,
};

/**
 * A row as it is given, checked but for its images.
 *
 * @param what the row is called, for errors of misuse.
 * @throws {TypeError | RangeError} for what is no row, and for keys that rows do not have.
 * @throws {PixtokError} INVALID_CONVERSATION, without the row's index.
 */
export function readRow(given: unknown, what: string): ProcessorRow {
  const expected = "an object with text or with messages";
  if (!isObject(given)) throw wrongType(what, expected, given);
  if (given.text === undefined) return messagesRow(given, what);
  if (given.messages !== undefined) throw new TypeError(`${what}: expected ${expected}, got both`);
  const { messages, ...row } = given;
  const { text, images } = readOptions(what, row, textReaders, `${what}.`);
  if (typeof text !== "string") throw invalid("text: expected a text", text);
  return { text, images: images as ProcessorRow["images"] };
}

function messagesRow({ text, ...given }: Record<string, unknown>, what: string): ProcessorRow {
  const row = readOptions(what, given, messagesReaders, `${what}.`);
  const messages = requireMessages(row.messages);
  const { tools, learnsFrom, images } = row;
  return {
    messages,
    images: images as ProcessorRow["images"],
    ...(tools === undefined ? {} : { tools }),
    ...(learnsFrom === undefined
      ? {}
      : { learnsFrom: requireInteger(`${what}.learnsFrom`, learnsFrom, 0, messages.length) }),
  };
}

function invalid(expectation: string, got: unknown): PixtokError {
  return new PixtokError("INVALID_CONVERSATION", `${expectation}, got ${describe(got)}`);
}
