import type { Command } from "commander";

/** What the library asks for in its own words, and what gives the same on the command line. */
const phrases: readonly (readonly [string, flag: string, words: string])[] = [
  ["text: null", "--no-texts", "--no-texts"],
  ["processor: await Processor.fromPretrained(MODEL)", "--model", "--model MODEL"],
  ["a Tokenizer (", "--tokenizer", "the path or hub id of one ("],
];

/** Neither in a path or a quoted name, nor a part of another word. */
const word = (text: string) => new RegExp(`(?<![\\w/."\\\\-])${text}(?![\\w/.\\\\-])`, "g");

/** `imageColumn` is told from other words by its form; `split` is an option only where something is given to it. */
const isOneWord = (name: string) => !/[A-Z]/.test(name);

/**
 * What an error of the library says, in the words of a command: `--image-column` for `imageColumn`, `--split test` for
 * `split: "test"`. Options that the command does not have stay as they are.
 */
export function wordsOfCommand(message: string, command: Command | undefined): string {
  if (command === undefined) return message;
  const flags = new Map(command.options.map((one) => [one.attributeName(), one.long ?? ""]));
  const has = new Set(command.options.map(({ long }) => long));
  let words = message;
  for (const [said, flag, instead] of phrases) {
    if (has.has(flag)) words = words.replaceAll(said, instead);
  }
  for (const [name, flag] of flags) {
    words = words
      .replace(word(`${name}: "([^"]*)"`), `${flag} $1`)
      .replace(word(`${name} is true`), `${flag} is given`)
      .replace(new RegExp(`^((?:"[^"]*": )?)${name}: `), `$1${flag}: `);
    if (!isOneWord(name)) words = words.replace(word(name), flag);
  }
  return words;
}
