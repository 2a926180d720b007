/** Deeper than any configuration, and far from what recursion over a value can take. */
export const MAX_DEPTH = 100;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/**
 * Holds JSON that comes in pieces to a depth: to be called with each piece.
 *
 * @throws {SyntaxError} from the piece on that is too deep.
 */
export function depthGuard(): (piece: string) => void {
  let depth = 0;
  let inString = false;
  let isEscaped = false;
  return (piece) => {
    for (let at = 0; at < piece.length; at += 1) {
      const character = piece.charCodeAt(at);
      if (inString) {
        if (isEscaped) isEscaped = false;
        else if (character === BACKSLASH) isEscaped = true;
        else if (character === QUOTE) inString = false;
      } else if (character === QUOTE) {
        inString = true;
      } else if (OPENING.has(character)) {
        depth += 1;
        if (depth > MAX_DEPTH) {
          throw new SyntaxError(`arrays and objects are nested more than ${MAX_DEPTH} deep`);
        }
      } else if (CLOSING.has(character)) {
        depth -= 1;
      }
    }
  };
}

/**
 * JSON of a file that comes from elsewhere. JSON.parse() takes any depth, and whoever goes through the
 * value by recursion then runs out of stack.
 *
 * @throws {SyntaxError}
 */
export function parseBoundedJson(text: string): unknown {
  depthGuard()(text);
  return JSON.parse(text);
}
