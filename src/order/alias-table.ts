import { PixtokError } from "../shared/errors.js";
import { isObject, outOfRange, requireInteger, wrongType } from "../shared/validation.js";

/** An alias is a number of 32 bits. */
const MOST_WEIGHTS = 2 ** 32 - 1;

function requireWeights(weights: ArrayLike<number>): { count: number; sum: number } {
  if (!isObject(weights) && !Array.isArray(weights)) {
    throw wrongType("weights", "an array of numbers", weights);
  }
  const count = requireInteger("weights.length", weights.length, 1, MOST_WEIGHTS);
  let sum = 0;
  for (let i = 0; i < count; i += 1) {
    const weight: unknown = weights[i];
    if (typeof weight !== "number") throw wrongType(`weights[${i}]`, "a number", weight);
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) {
      throw outOfRange(`weights[${i}]`, "a finite number of at least 0", weight);
    }
    sum += weight;
  }
  if (!(sum > 0)) throw outOfRange("weights", "at least one above 0", weights);
  if (sum === Number.POSITIVE_INFINITY) throw outOfRange("weights", "a finite sum", weights);
  return { count, sum };
}

/** Arrays of numbers of their own; JavaScript's arrays end the process where they grow too long. */
function allocateTable(count: number) {
  try {
    return {
      kept: new Float64Array(count),
      alias: new Uint32Array(count),
      waiting: new Uint32Array(count),
    };
  } catch (cause) {
    throw new PixtokError(
      "OUT_OF_MEMORY",
      `${count} weights need ${16 * count} bytes while they are put in order, and 12 of 16 afterwards`,
      { cause },
    );
  }
}

export function aliasTable(weights: ArrayLike<number>): { kept: Float64Array; alias: Uint32Array } {
  const { count, sum } = requireWeights(weights);
  const { kept, alias, waiting } = allocateTable(count);
  // two stacks in one array: what has less than its share grows from the start, the rest from the end
  let small = 0;
  let large = count;
  const put = (i: number) => {
    if ((kept[i] as number) < 1) waiting[small++] = i;
    else waiting[--large] = i;
  };
  for (let i = 0; i < count; i += 1) {
    const share = (weights[i] as number) * count;
    kept[i] =
      share === Number.POSITIVE_INFINITY ? ((weights[i] as number) / sum) * count : share / sum;
    alias[i] = i;
    put(i);
  }
  while (small > 0 && large < count) {
    const taker = waiting[--small] as number;
    const giver = waiting[large++] as number;
    alias[taker] = giver;
    kept[giver] = (kept[giver] as number) - (1 - (kept[taker] as number));
    put(giver);
  }
  // what rounding has left over
  for (let i = 0; i < small; i += 1) kept[waiting[i] as number] = 1;
  for (let i = large; i < count; i += 1) kept[waiting[i] as number] = 1;
  return { kept, alias };
}
