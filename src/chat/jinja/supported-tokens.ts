interface Token {
  readonly type: string;
  readonly value: string;
}

const opening = new Set(["OpenParen", "OpenSquareBracket", "OpenCurlyBracket"]);
const closing = new Set(["CloseParen", "CloseSquareBracket", "CloseCurlyBracket"]);
/** What ends a comparison within its bracket. */
const endTypes = new Set(["Comma", "Colon", "Equals"]);
const endWords = new Set(["and", "or", "if", "else", "for", "recursive"]);

/**
 * Refuses what the library's parser reads as something else than Jinja does: a value that is compared on both its sides,
 * and a `for` within brackets.
 *
 * @throws {Error}
 */
export function requireSupported(tokens: readonly Token[]): void {
  // for each bracket that is open, whether its values are being compared
  let compared = [false];
  let isLoop = false;
  for (const [at, { type, value }] of tokens.entries()) {
    const before = tokens[at - 1];
    const isWord = type === "Identifier" && before?.type !== "Dot";
    const last = compared.length - 1;
    if (type === "OpenStatement" || type === "OpenExpression") compared = [false];
    else if (opening.has(type)) compared.push(false);
    else if (closing.has(type)) compared.pop();
    else if (isWord && value === "for" && last > 0) {
      throw new Error("a for within brackets is no Jinja");
    } else if (endTypes.has(type) || (isWord && endWords.has(value))) {
      compared[last] = false;
      isLoop ||= isWord && value === "for";
    } else if (isWord && value === "in" && isLoop && last === 0) isLoop = false;
    else if (type === "ComparisonBinaryOperator" || (isWord && value === "in")) {
      if (compared[last]) throw new Error("chained comparisons are not supported");
      compared[last] = true;
    }
  }
}
