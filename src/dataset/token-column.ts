import { parseBoundedJson } from "../shared/bounded-json.js";
import { PixtokError } from "../shared/errors.js";
import { describe } from "../shared/validation.js";
import { readTokenIds } from "../text/token-ids.js";
import { namesOf } from "./pair-names.js";
import type { TokensInPair } from "./pair-reader.js";

/**
 * Reads ready tokens: lists of ids in a column, cut at their end.
 *
 * @throws {PixtokError} INVALID_COLUMN from the reader.
 */
export function tokensInColumn(column: string, maxLength: number): TokensInPair {
  return (pair, _place, index) => {
    const { columns = {} } = pair;
    const value = Object.hasOwn(columns, column) ? columns[column] : undefined;
    const ids = readTokenIds(typeof value === "string" ? listIn(value) : value);
    if (ids !== undefined) return { ids: ids.slice(0, maxLength), whole: ids.length };
    const expected = `${column}: expected a list of token ids from 0 to 2147483647, got`;
    const { source } = namesOf(pair, index);
    throw new PixtokError("INVALID_COLUMN", `${expected} ${describe(value)}`, { index, source });
  };
}

/** As tables have it that are text. */
function listIn(text: string): unknown {
  try {
    return parseBoundedJson(text);
  } catch {
    return undefined;
  }
}
