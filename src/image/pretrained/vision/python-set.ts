const BITS = 64;
const HASHED = (1n << 64n) - 1n;
const FIRST = 11400714785074694791n;
const SECOND = 14029467366897019727n;
const FIFTH = 2870177450012600261n;
/** Of a set of four at most. */
const SLOTS = 8n;

type Pair = readonly [number, number];

/** CPython's hash of a tuple of two whole numbers of at least 0, as a number without a sign. */
function hashOf(pair: Pair): bigint {
  let hash = FIFTH;
  for (const number of pair) {
    hash = BigInt.asUintN(BITS, hash + BigInt(number) * SECOND);
    hash = ((hash << 31n) & HASHED) | (hash >> 33n);
    hash = BigInt.asUintN(BITS, hash * FIRST);
  }
  return BigInt.asUintN(BITS, hash + (2n ^ FIFTH ^ 3527539n));
}

/** Up to four pairs, each once, in the order in which CPython goes through a set of them: by their hashes. */
export function inSetOrder(pairs: readonly Pair[]): Pair[] {
  const slots = new Map<bigint, Pair>();
  for (const pair of pairs) {
    let rest = hashOf(pair);
    let slot = rest % SLOTS;
    for (;;) {
      const other = slots.get(slot);
      if (other === undefined) slots.set(slot, pair);
      if (other === undefined || (other[0] === pair[0] && other[1] === pair[1])) break;
      rest >>= 5n;
      slot = (slot * 5n + 1n + rest) % SLOTS;
    }
  }
  const order = [...slots].sort(([one], [another]) => Number(one - another));
  return order.map(([, pair]) => pair);
}
