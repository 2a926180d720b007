/** Texts as they may be published: with nothing about the machine's folders. */
import { basename, isAbsolute, join, relative, sep } from "node:path";

export function publicPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  const farAway = isAbsolute(fromHere) || fromHere.startsWith(join("..", ".."));
  return (farAway ? basename(path) : fromHere).split(sep).join("/");
}

export function publicText(text: string): string {
  return text.replaceAll(process.cwd(), ".").replace(/(?<![\w.])\/(?:[^\s/'"]+\/)+/g, "…/");
}

/** The command line that runs a suite again with what it was given. */
export function publicCommand(suite: string, given: readonly string[]): string {
  const rest = given.map((argument) => (isAbsolute(argument) ? publicPath(argument) : argument));
  return ["npm run bench --", suite, ...rest].join(" ");
}
