/** What Python takes for white space: U+001C to U+001F and U+0085 as well, and U+FEFF not. */
const SPACE =
  "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const spaces = new RegExp(`[${SPACE}]+`, "g");
const isSpace = new RegExp(`[${SPACE}]`);

/** Numbers of every script, as `isnumeric` has them: Chinese numerals, which are letters, as well. */
export const isNumeric =
  /^(?:\p{N}|[\u3405\u3483\u382A\u3B4D\u4E00\u4E03\u4E07\u4E09\u4E5D\u4E8C\u4E94\u4E96\u4EBF\u4EC0\u4EDF\u4EE8\u4F0D\u4F70\u5104\u5146\u5169\u516B\u516D\u5341\u5343-\u5345\u534C\u53C1-\u53C4\u56DB\u58F1\u58F9\u5E7A\u5EFE\u5EFF\u5F0C-\u5F0E\u5F10\u62FE\u634C\u67D2\u6F06\u7396\u767E\u8086\u842C\u8CAE\u8CB3\u8D30\u9621\u9646\u964C\u9678\u96F6\uF96B\uF973\uF978\uF9B2\uF9D1\uF9D3\uF9FD\u{20001}\u{20064}\u{200E2}\u{20121}\u{2092A}\u{20983}\u{2098C}\u{2099C}\u{20AEA}\u{20AFD}\u{20B19}\u{22390}\u{22998}\u{23B1B}\u{2626D}\u{2F890}])+$/u;

/** What Python takes for the end of a line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they end lines in Python
const lineEnds = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g;

type Side = "left" | "right" | "both";

/** As `strip`, `lstrip` and `rstrip`. @param characters Default: white space. */
export function stripped(text: string, side: Side, characters?: string | null): string {
  if (characters == null) return strippedOf(text, side, (unit) => isSpace.test(unit));
  // a set of code points; those outside of the basic plane are two units
  const set = new Set(characters);
  const isPlain = [...set].every((one) => one.length === 1);
  if (isPlain) return strippedOf(text, side, (unit) => set.has(unit));
  const points = [...text];
  let begin = 0;
  let end = points.length;
  if (side !== "right") while (begin < end && set.has(points[begin] as string)) begin += 1;
  if (side !== "left") while (end > begin && set.has(points[end - 1] as string)) end -= 1;
  return points.slice(begin, end).join("");
}

function strippedOf(text: string, side: Side, isCut: (unit: string) => boolean): string {
  let begin = 0;
  let end = text.length;
  if (side !== "right") while (begin < end && isCut(text[begin] as string)) begin += 1;
  if (side !== "left") while (end > begin && isCut(text[end - 1] as string)) end -= 1;
  return text.slice(begin, end);
}

/** As `split` and `rsplit`. @param separator null: white space. @param most splits; below 0: all. */
export function splitText(
  text: string,
  separator: string | null,
  most: number,
  fromEnd = false,
): string[] {
  if (separator === null) return splitAtSpaces(text, most, fromEnd);
  const parts = text.split(separator);
  if (most < 0 || parts.length <= most + 1) return parts;
  return fromEnd
    ? [parts.slice(0, parts.length - most).join(separator), ...parts.slice(parts.length - most)]
    : [...parts.slice(0, most), parts.slice(most).join(separator)];
}

function splitAtSpaces(text: string, most: number, fromEnd: boolean): string[] {
  const inner = stripped(text, "both");
  const words = inner === "" ? [] : inner.split(spaces);
  if (most < 0 || words.length <= most) return words;
  // what is not split keeps the spaces around it, but for those that it was split at
  const gaps = [...inner.matchAll(spaces)];
  if (fromEnd) {
    const rest = inner.slice(0, gaps[gaps.length - most]?.index);
    const before = text.slice(0, text.length - stripped(text, "left").length);
    return [before + rest, ...words.slice(words.length - most)];
  }
  const gap = gaps[most - 1];
  const rest = gap === undefined ? inner : inner.slice(gap.index + gap[0].length);
  return [...words.slice(0, most), rest + text.slice(stripped(text, "right").length)];
}

/** As `splitlines`. */
export function linesOf(text: string, keepEnds = false): string[] {
  const lines: string[] = [];
  let begin = 0;
  for (const { 0: end, index } of text.matchAll(lineEnds)) {
    lines.push(text.slice(begin, keepEnds ? index + end.length : index));
    begin = index + end.length;
  }
  if (begin < text.length) lines.push(text.slice(begin));
  return lines;
}

/** The four letters of two whose titles are letters of their own. */
const digraphs = new Map(
  ["ǄǅǆǄ", "ǇǈǉǇ", "ǊǋǌǊ", "ǱǲǳǱ"].flatMap((row) => {
    const [upper, title, lower] = [...row] as [string, string, string];
    return [upper, title, lower].map((letter) => [letter, title] as const);
  }),
);

/** A letter as a word begins with it in a title. */
function titleLetter(letter: string): string {
  const known = digraphs.get(letter);
  if (known !== undefined) return known;
  const [first = "", ...rest] = letter.toUpperCase();
  return first + rest.join("").toLowerCase();
}

/** As `capitalize`. */
export function capitalized(text: string): string {
  const [first = "", ...rest] = text;
  return titleLetter(first) + rest.join("").toLowerCase();
}

/** As `title` of a text: every run of letters. */
export function titled(text: string): string {
  return text.replace(/\p{Cased}+/gu, capitalized);
}

/** As the `title` filter: what follows white space, hyphens and opening brackets. */
export function titledWords(text: string): string {
  return text
    .split(/([-({[<\s]+)/)
    .map((part) => {
      const [first = "", ...rest] = part;
      return first.toUpperCase() + rest.join("").toLowerCase();
    })
    .join("");
}

/** As `replace`. @param most replacements; below 0: all. */
export function replaced(text: string, from: string, to: string, most: number): string {
  if (most < 0 && from !== "") return text.split(from).join(to);
  if (from === "") {
    const points = [...text];
    const places = most < 0 ? points.length + 1 : Math.min(most, points.length + 1);
    return [...points, ""].map((point, at) => (at < places ? to : "") + point).join("");
  }
  return splitText(text, from, most).join(to);
}

/** How often a text is in another, as `count` has it. */
export function occurrences(text: string, part: string): number {
  return part === "" ? [...text].length + 1 : text.split(part).length - 1;
}
