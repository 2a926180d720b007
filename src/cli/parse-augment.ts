import { InvalidArgumentError } from "commander";
import { augmentationNames } from "../image/augmentation.js";
import { augmentationPreset, augmentationPresets } from "../image/augmentation-presets.js";
import type { ShownAugmentation } from "../show/show-options.js";

const EXPECTED =
  'Expected names with their values, such as "randomResizedCrop,horizontalFlip:0.5", or JSON of the options. The first may be a preset: "simclr,horizontalFlip:0".';

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

/** Options by their names: one without a value has its defaults. */
function namedOptions(parts: readonly string[]): Readonly<Record<string, unknown>> {
  const options = parts.map((part) => {
    const [, name, given] = /^\s*([a-zA-Z]\w*)\s*(?::(.*))?$/s.exec(part) ?? [];
    if (name === undefined || augmentationPresets.some((preset) => preset === name)) {
      throw new InvalidArgumentError(EXPECTED);
    }
    return [name, given === undefined ? {} : jsonOf(given)];
  });
  return Object.fromEntries(options);
}

/** A word that is no option's name. What it stands for, and whether it does, is said where augmentations are read. */
const isOtherWord = (value: string) => /^\w+$/.test(value) && !augmentationNames.includes(value);

function parseOne(text: string): unknown {
  if (text.startsWith("{")) return jsonOf(text);
  if (isOtherWord(text)) return text;
  const [first = "", ...changes] = partsOf(text);
  const preset = augmentationPresets.find((name) => name === first.trim());
  return preset === undefined
    ? namedOptions([first, ...changes])
    : { ...augmentationPreset(preset), ...namedOptions(changes) };
}

/**
 * What a dataset takes as its augmentation as one word of a command line, such as
 * "randomResizedCrop,horizontalFlip:0.5". The option may be given several times.
 */
export function parseAugment(
  value: string,
  before: readonly ShownAugmentation[] = [],
): readonly ShownAugmentation[] {
  return [...before, parseOne(value.trim()) as ShownAugmentation];
}
