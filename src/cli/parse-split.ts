import { InvalidArgumentError } from "commander";
import { repeatedName } from "./repeated-name.js";

const SHARE = /^\s*([^:,\s]+)\s*:\s*(\d+(?:\.\d+)?)\s*$/;

/** The name of one of the splits that there are, as `from` takes it: "train"; or shares, as parseShares() reads them. */
export function parseSplit(value: string): string | Readonly<Record<string, number>> {
  return /^[^:,\s]+$/.test(value) ? value : parseShares(value);
}

/** Shares as `split` takes them: "train:0.9,validation:0.1". */
export function parseShares(value: string): Readonly<Record<string, number>> {
  const shares = value.split(",").map((text) => {
    const [, name, share] = SHARE.exec(text) ?? [];
    if (name === undefined) {
      throw new InvalidArgumentError(
        'Expected a name, or names and shares, such as "train:0.9,validation:0.1".',
      );
    }
    return [name, Number(share)] as const;
  });
  const twice = repeatedName(shares);
  if (twice !== undefined) throw new InvalidArgumentError(`${twice} is given twice.`);
  return Object.fromEntries(shares);
}
