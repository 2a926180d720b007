import { InvalidArgumentError } from "commander";
import type { AugmentationOptions } from "../image/augmentation.js";

const EXPECTED =
  'Expected names with their values, such as "randomResizedCrop,horizontalFlip:0.5", or JSON of the options.';

/** Commas that stand between options, and not within the brackets of one's value. */
function partsOf(value: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const character of value) {
    if (character === "{" || character === "[") depth += 1;
    if (character === "}" || character === "]") depth -= 1;
    if (character === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError(EXPECTED);
  }
}

/**
 * Options of an augmentation as one word of a command line: "randomResizedCrop,horizontalFlip:0.5", where a name alone
 * has its defaults, or JSON. Which names there are is said where they are read.
 */
function parseOne(value: string): AugmentationOptions {
  if (value.trimStart().startsWith("{")) return jsonOf(value) as AugmentationOptions;
  const options = partsOf(value).map((part) => {
    const [, name, given] = /^\s*([a-zA-Z]\w*)\s*(?::(.*))?$/s.exec(part) ?? [];
    if (name === undefined) throw new InvalidArgumentError(EXPECTED);
    return [name, given === undefined ? {} : jsonOf(given)];
  });
  return Object.fromEntries(options);
}

/** For an option that may be given several times. */
export function parseAugment(
  value: string,
  before: readonly AugmentationOptions[] = [],
): readonly AugmentationOptions[] {
  return [...before, parseOne(value)];
}
