import type { Random } from "../random.js";
import type { Mutators } from "./mutator.js";

/** Numbers at which sizes, signs and counts overflow. */
const interesting = [0, 1, 2, 7, 8, 9, 16, 127, 128, 255, 256, 32767, 32768, 65535, 65536];
const interestingLarge = [...interesting, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

/** A place, more often among the first bytes, where headers are. */
function place(bytes: Buffer, random: Random): number {
  const within = random.chance(0.4) ? Math.min(bytes.length, 256) : bytes.length;
  return random.below(Math.max(1, within));
}

function stretch(bytes: Buffer, random: Random): [start: number, end: number] {
  const start = place(bytes, random);
  const most = random.chance(0.7) ? 32 : bytes.length;
  return [start, Math.min(bytes.length, start + 1 + random.below(most))];
}

export function interestingNumber(random: Random): number {
  return random.pick(interestingLarge);
}

/** Changes that know nothing of a format. */
export const byteMutators = {
  flipBit(bytes, random) {
    const changed = Buffer.from(bytes);
    const at = place(bytes, random);
    if (at < changed.length) changed[at] = (changed[at] as number) ^ (1 << random.below(8));
    return changed;
  },
  setByte(bytes, random) {
    const changed = Buffer.from(bytes);
    const at = place(bytes, random);
    const value = random.chance(0.5) ? random.below(256) : random.pick(interesting) & 255;
    if (at < changed.length) changed[at] = value;
    return changed;
  },
  setNumber(bytes, random) {
    const changed = Buffer.from(bytes);
    const width = random.pick([2, 4]);
    if (changed.length < width) return changed;
    const at = Math.min(place(bytes, random), changed.length - width);
    const value = interestingNumber(random) % 2 ** (8 * width);
    if (random.chance(0.5)) changed.writeUIntLE(value, at, width);
    else changed.writeUIntBE(value, at, width);
    return changed;
  },
  cut: (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  erase(bytes, random) {
    const [start, end] = stretch(bytes, random);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
  },
  duplicate(bytes, random) {
    const [start, end] = stretch(bytes, random);
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)]);
  },
  insert(bytes, random) {
    const at = place(bytes, random);
    const inserted = Buffer.alloc(1 + random.below(16), random.below(256));
    return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]);
  },
  overwriteByOwn(bytes, random) {
    const changed = Buffer.from(bytes);
    const [start, end] = stretch(bytes, random);
    bytes.copy(changed, place(bytes, random), start, end);
    return changed;
  },
  splice(bytes, random, others) {
    const other = random.pick(others);
    const from = random.below(other.length + 1);
    return Buffer.concat([bytes.subarray(0, random.below(bytes.length + 1)), other.subarray(from)]);
  },
} satisfies Mutators;
