/** What console.log and util.inspect look for. */
const custom = Symbol.for("nodejs.util.inspect.custom");

/**
 * A function that makes console.log show an object in these words, and gives the object. The object is otherwise as before:
 * what goes through its properties, or compares or copies them, does not meet it. It may be the prototype of a class, for all
 * of its objects.
 *
 * To be made once for objects of a kind: a function of its own for each object would cost more than the rest of it.
 */
export function shownAs<T extends object>(
  words: (object: T) => string,
): <O extends T>(object: O) => O {
  const shown = {
    value(this: T) {
      return words(this);
    },
    configurable: true,
  };
  return (object) => Object.defineProperty(object, custom, shown);
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
