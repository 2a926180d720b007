/** What console.log and util.inspect look for. */
const custom = Symbol.for("nodejs.util.inspect.custom");

/**
 * Makes console.log show an object in these words. The object is otherwise as before: what goes through its properties, or
 * compares or copies them, does not meet it.
 *
 * @param object may be the prototype of a class, for all of its objects.
 * @returns the object.
 */
export function shownAs<T extends object>(object: T, words: (object: T) => string): T {
  return Object.defineProperty(object, custom, {
    value(this: T) {
      return words(this);
    },
    configurable: true,
  });
}

/** A heading, and below it lines of a name and what is said of it. */
export function shownLines(
  heading: string,
  lines: readonly (readonly [name: string, words: string])[],
): string {
  const width = lines.reduce((most, [name]) => Math.max(most, name.length), 0);
  return [heading, ...lines.map(([name, words]) => `  ${name.padEnd(width)}  ${words}`)].join("\n");
}

const MOST_CHARACTERS = 60;

/** The first of some texts, quoted and cut. */
export function shownTexts(texts: readonly string[], most = 3): string {
  const quoted = texts
    .slice(0, most)
    .map((text) =>
      JSON.stringify(
        text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text,
      ),
    );
  return shownList(quoted, texts.length);
}

/** What is shown of `length` values, and that there are more. */
export function shownList(shown: readonly string[], length: number): string {
  return [...shown, ...(length > shown.length ? ["…"] : [])].join(", ");
}
