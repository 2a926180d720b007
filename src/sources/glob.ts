/** What one character of a name has to be, or any number of them. */
type Token = "*" | ((character: string) => boolean);

/** The tokens of a part of a pattern: `*`, `?`, `[a-c]`, `[!x]` and characters. */
function tokensOf(part: string): Token[] {
  const tokens: Token[] = [];
  const characters = [...part];
  for (let at = 0; at < characters.length; at += 1) {
    const one = characters[at] as string;
    if (one === "*") {
      if (tokens.at(-1) !== "*") tokens.push("*");
      continue;
    }
    const end = one === "[" ? endOfSet(characters, at) : undefined;
    if (end !== undefined) {
      tokens.push(setOf(characters.slice(at + 1, end)));
      at = end;
    } else tokens.push(one === "?" ? () => true : (character) => character === one);
  }
  return tokens;
}

/** Where `]` ends the set that begins at a `[`; the first one may be in the set. */
function endOfSet(characters: readonly string[], at: number): number | undefined {
  const first = at + (characters[at + 1] === "!" ? 2 : 1);
  const end = characters.indexOf("]", first + 1);
  return end === -1 ? undefined : end;
}

function setOf(inside: readonly string[]): (character: string) => boolean {
  const isNegated = inside[0] === "!";
  const set = isNegated ? inside.slice(1) : inside;
  const ranges: [string, string][] = [];
  for (let at = 0; at < set.length; at += 1) {
    const from = set[at] as string;
    const to = set[at + 1] === "-" ? set[at + 2] : undefined;
    ranges.push([from, to ?? from]);
    if (to !== undefined) at += 2;
  }
  return (character) =>
    ranges.some(([from, to]) => from <= character && character <= to) !== isNegated;
}

/** Whether a sequence of wildcards is that of values. In time of the product of their lengths, whatever comes. */
function isSequence<W, V>(
  wildcards: readonly W[],
  values: readonly V[],
  isMany: (wildcard: W) => boolean,
  isOne: (wildcard: W, value: V) => boolean,
): boolean {
  let wildcard = 0;
  let value = 0;
  let many = -1;
  let taken = 0;
  while (value < values.length) {
    const own = wildcards[wildcard] as W;
    if (wildcard < wildcards.length && isMany(own)) {
      many = wildcard;
      taken = value;
      wildcard += 1;
    } else if (wildcard < wildcards.length && isOne(own, values[value] as V)) {
      wildcard += 1;
      value += 1;
    } else if (many >= 0) {
      taken += 1;
      value = taken;
      wildcard = many + 1;
    } else return false;
  }
  return wildcards.slice(wildcard).every(isMany);
}

/** Names in a path that are not taken but where a pattern names them so: hidden ones, and folders such as `__pycache__`. */
function unasked(path: readonly string[]): { hidden: number; special: number } {
  return {
    hidden: path.filter((name) => name.startsWith(".")).length,
    special: path.slice(0, -1).filter((name) => name.startsWith("__")).length,
  };
}

const partsOf = (pattern: string) =>
  pattern.split("/").filter((part) => part !== "" && part !== ".");

/** The tokens of each part of a pattern; null for any folders. */
const wantedOf = (parts: readonly string[]) =>
  parts.map((part) => (part === "**" ? null : tokensOf(part)));

const isName = (tokens: Token[] | null, name: string) =>
  tokens !== null &&
  isSequence(
    tokens,
    [...name],
    (token) => token === "*",
    (token, character) => token !== "*" && token(character),
  );

/** Tells folders below which there may be paths that match a pattern. */
export function globOfFolders(pattern: string): (folder: string) => boolean {
  const wanted = wantedOf(partsOf(pattern));
  const any = wanted.indexOf(null);
  const most = any === -1 ? wanted.length - 1 : Number.POSITIVE_INFINITY;
  return (folder) => {
    const names = folder.split("/");
    const exact = names.slice(0, any === -1 ? undefined : any);
    return names.length <= most && exact.every((name, at) => isName(wanted[at] ?? null, name));
  };
}

/**
 * Tells paths that match a pattern, as `datasets` resolves those of its data files: `*` and `?` stand for characters of a
 * name, `[…]` for one of some, and a part `**` for any folders.
 */
export function glob(pattern: string): (path: string) => boolean {
  const parts = partsOf(pattern);
  const wanted = wantedOf(parts);
  const asked = unasked(parts);
  return (path) => {
    const names = path.split("/");
    const found = unasked(names);
    if (found.hidden !== asked.hidden || found.special !== asked.special) return false;
    return isSequence(wanted, names, (tokens) => tokens === null, isName);
  };
}
