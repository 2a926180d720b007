/** Numbers from the first to the last, as wide as the wider of the two is written. */
function numbersOf(first: string, last: string): string[] {
  const [from, to] = [Number(first), Number(last)];
  const isPadded = [first, last].some((number) => number.length > 1 && number.startsWith("0"));
  const width = isPadded ? Math.max(first.length, last.length) : 0;
  const step = from <= to ? 1 : -1;
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, i) =>
    String(from + i * step).padStart(width, "0"),
  );
}

/** Where the brace that opens at `start` closes, and the commas that part its choices. */
function partsOf(pattern: string, start: number): { end: number; choices: string[] } | undefined {
  let depth = 0;
  let from = start + 1;
  const choices: string[] = [];
  for (let at = start; at < pattern.length; at += 1) {
    const character = pattern[at];
    if (character === "{") depth += 1;
    else if (character === "}") depth -= 1;
    const isAtEnd = character === "}" && depth === 0;
    if (isAtEnd || (character === "," && depth === 1)) {
      choices.push(pattern.slice(from, at));
      from = at + 1;
    }
    if (isAtEnd) return { end: at, choices };
  }
  return undefined;
}

/**
 * What a pattern with braces stands for, as in a shell: `{000..099}` is numbers, `{a,b}` one of several,
 * which may have braces themselves. Braces that are neither stay as they are.
 */
export function expandBraces(pattern: string): string[] {
  for (let start = pattern.indexOf("{"); start !== -1; start = pattern.indexOf("{", start + 1)) {
    const parts = partsOf(pattern, start);
    if (parts === undefined) continue;
    const { end, choices } = parts;
    const range = /^(\d+)\.\.(\d+)$/.exec(choices[0] as string);
    if (choices.length === 1 && range === null) continue;
    const middles =
      choices.length === 1 && range !== null
        ? numbersOf(range[1] as string, range[2] as string)
        : choices.flatMap(expandBraces);
    const tails = expandBraces(pattern.slice(end + 1));
    const head = pattern.slice(0, start);
    return middles.flatMap((middle) => tails.map((tail) => head + middle + tail));
  }
  return [pattern];
}
