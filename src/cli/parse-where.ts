import { InvalidArgumentError } from "commander";
import type { PairConditions } from "../sets/filter.js";

const CONDITION = /^\s*(\w+)\s*(>=|<=)\s*(\d+(?:\.\d+)?)(?:\/(\d+(?:\.\d+)?))?\s*$/;

const EXPECTED =
  "Expected minSide>=N, maxSide<=N, aspect>=N, aspect<=N, textLength>=N or textLength<=N, several with commas between; N is a number or a fraction such as 1/3.";

type Bound = ">=" | "<=";

/** Which bounds each condition may have: those of what it is called after. */
const bounds: Readonly<Record<string, readonly Bound[]>> = {
  minSide: [">="],
  maxSide: ["<="],
  aspect: [">=", "<="],
  textLength: [">=", "<="],
};

/**
 * Conditions as `filter` takes them: "minSide>=256,aspect<=3". What is repeated is refused.
 *
 * @param before those that the option has given already.
 */
export function parseWhere(value: string, before: PairConditions = {}): PairConditions {
  const found: Record<string, number | readonly [number, number]> = { ...before } as never;
  for (const text of value.split(",")) {
    const [, name = "", bound, number, divisor = "1"] = CONDITION.exec(text) ?? [];
    const limit = Number(number) / Number(divisor);
    const isKnown = Object.hasOwn(bounds, name) && bounds[name]?.includes(bound as Bound);
    if (!isKnown || !Number.isFinite(limit)) throw new InvalidArgumentError(EXPECTED);
    if (bounds[name]?.length === 1) {
      if (name in found) throw new InvalidArgumentError(`${name}${bound} is given twice.`);
      found[name] = limit;
      continue;
    }
    const [least, most] = (found[name] ?? [0, Number.POSITIVE_INFINITY]) as [number, number];
    const isTwice = bound === ">=" ? least > 0 : most < Number.POSITIVE_INFINITY;
    if (isTwice) throw new InvalidArgumentError(`${name}${bound} is given twice.`);
    found[name] = bound === ">=" ? [limit, most] : [least, limit];
  }
  return found as PairConditions;
}
