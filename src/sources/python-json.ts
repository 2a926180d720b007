import { parseBoundedJson } from "../shared/bounded-json.js";

/** A string, whose text may look like any of it, or a number that JSON does not have. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"|-?\bInfinity\b|\bNaN\b/g;

/**
 * JSON as Python's json module writes it: NaN, Infinity and -Infinity are read, as null.
 *
 * @throws {SyntaxError}
 */
export function parsePythonJson(text: string): unknown {
  try {
    return parseBoundedJson(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    const plain = text.replace(STRING_OR_NUMBER, (found) =>
      found.startsWith('"') ? found : "null",
    );
    try {
      return parseBoundedJson(plain);
    } catch {
      throw error;
    }
  }
}
