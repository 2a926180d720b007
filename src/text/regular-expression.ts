const MOST_LENGTH = 4096;
const MOST_GROUPS = 200;
/** Parts of any length before one that may fail: with two of them, the square of the text's length is tried. */
const MOST_OPEN_ENDS = 1;

/** A group that is open, or the whole. */
interface Group {
  /** Whether what is in it may match in more than one way. */
  isChoice: boolean;
  /** Parts of any length that come before, within the alternative; and where the group began. */
  openEnds: number;
  readonly before: number;
  /** The most of an alternative. */
  most: number;
  /** Whether a part may fail that comes after too many of any length, of which some are before the group. */
  fails: boolean;
}

interface Quantifier {
  readonly end: number;
  readonly least: number;
  readonly most: number;
}

const once = (end: number): Quantifier => ({ end, least: 1, most: 1 });

function quantifierAt(source: string, at: number): Quantifier {
  const [found, least = "", comma = "", most = ""] =
    /^(?:[*+?]|\{(\d*)(,?)(\d*)\})[+?]?/.exec(source.slice(at, at + 40)) ?? [];
  if (found === undefined || (found.startsWith("{") && least === "" && most === ""))
    return once(at);
  const end = at + found.length;
  if (found.startsWith("*")) return { end, least: 0, most: Number.POSITIVE_INFINITY };
  if (found.startsWith("+")) return { end, least: 1, most: Number.POSITIVE_INFINITY };
  if (found.startsWith("?")) return { end, least: 0, most: 1 };
  if (comma === "") return { end, least: Number(least), most: Number(least) };
  return { end, least: Number(least), most: most === "" ? Number.POSITIVE_INFINITY : Number(most) };
}

/** The end of a class in brackets, which may have others within. */
function classEnd(source: string, start: number): number {
  let depth = 0;
  for (let at = start; at < source.length; at += 1) {
    if (source[at] === "\\") at += 1;
    else if (source[at] === "[") {
      depth += 1;
      if (source[at + 1] === "^") at += 1;
      // a bracket that comes first is one of the class
      if (source[at + 1] === "]") at += 1;
    } else if (source[at] === "]") {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return source.length;
}

/**
 * Whether a regular expression takes about the length of a text at each of its places, as those of the
 * tokenizers that people use do: nothing that may match in several ways is repeated, no two parts of any
 * length stand before one that may fail, and nothing refers back or to itself. Others may end the process.
 */
export function isPlainExpression(source: string): boolean {
  if (source === "" || source.length > MOST_LENGTH) return false;
  const open: Group[] = [{ isChoice: false, openEnds: 0, before: 0, most: 0, fails: false }];
  let groups = 0;
  for (let at = 0; at < source.length; ) {
    const group = open.at(-1) as Group;
    const character = source[at];
    let end = at + 1;
    let closed: Group | undefined;
    if (character === "|") {
      group.isChoice = true;
      group.openEnds = group.before;
      at = end;
      continue;
    }
    if (character === "(") {
      groups += 1;
      // comments, conditions, names and calls are not looked into
      const [head = "("] =
        /^\((\?(:|=|!|>|<=|<!|[imsx-]+:))?/.exec(source.slice(at, at + 20)) ?? [];
      if (groups > MOST_GROUPS || source[at + head.length] === "?") return false;
      const { openEnds } = group;
      open.push({ isChoice: false, openEnds, before: openEnds, most: openEnds, fails: false });
      at += head.length;
      continue;
    }
    if (character === "\\") {
      if (/^\\[1-9gk]/.test(source.slice(at, at + 2))) return false;
      end = at + 2;
    } else if (character === "[") end = classEnd(source, at);
    else if (character === ")") {
      closed = open.pop();
      if (closed === undefined || open.length === 0) return false;
    }
    const { end: next, least, most } = quantifierAt(source, end);
    if (next > end && quantifierAt(source, next).end > next) return false;
    const around = open.at(-1) as Group;
    if (closed?.isChoice && most > 1) return false;
    if (closed === undefined && least > 0) {
      if (around.openEnds - around.before > MOST_OPEN_ENDS) return false;
      around.fails ||= around.openEnds > MOST_OPEN_ENDS;
    }
    // one that may be left out does not make what comes before it be tried again
    if (closed?.fails && least > 0) around.fails = true;
    if (closed?.isChoice || least !== most) around.isChoice = true;
    if (closed !== undefined) around.openEnds = closed.most;
    if (most > 8 && least !== most) around.openEnds += 1;
    around.most = Math.max(around.most, around.openEnds);
    at = next;
  }
  return open.length === 1 && !open[0]?.fails;
}
