import type { Random } from "../random.js";
import { interestingNumber } from "./bytes.js";
import type { Mutators } from "./mutator.js";

/** A chunk of WebP or a box of AVIF: where its length, its name and its body are. */
interface Part {
  start: number;
  end: number;
  lengthAt: number;
}

const PART_HEAD = 8;

function partsOfRiff(bytes: Buffer): Part[] {
  const parts: Part[] = [];
  for (let at = 12; at + PART_HEAD <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4);
    const end = Math.min(bytes.length, at + PART_HEAD + length + (length % 2));
    parts.push({ start: at, end, lengthAt: at + 4 });
    at = end;
  }
  return parts;
}

/** Boxes that boxes are in, with the bytes before the first of these. */
const outer: Record<string, number> = { meta: 4, iprp: 0, ipco: 0, moov: 0, trak: 0 };

function partsOfBoxes(bytes: Buffer, from = 0, to = bytes.length): Part[] {
  const parts: Part[] = [];
  for (let at = from; at + PART_HEAD <= to; ) {
    const length = bytes.readUInt32BE(at);
    const end = Math.min(to, at + Math.max(PART_HEAD, length === 0 ? to : length));
    parts.push({ start: at, end, lengthAt: at });
    const before = outer[bytes.toString("latin1", at + 4, at + 8)];
    if (before !== undefined) parts.push(...partsOfBoxes(bytes, at + PART_HEAD + before, end));
    at = end;
  }
  return parts;
}

function mutatorsOf(partsOf: (bytes: Buffer) => Part[], little: boolean): Mutators {
  const withPart = (
    bytes: Buffer,
    random: Random,
    change: (copy: Buffer, part: Part) => Buffer | undefined,
  ) => {
    const parts = partsOf(bytes);
    return parts.length === 0 ? undefined : change(Buffer.from(bytes), random.pick(parts));
  };
  return {
    changePart: (bytes, random) =>
      withPart(bytes, random, (copy, { start, end }) => {
        const at =
          start + PART_HEAD + random.below(Math.max(1, Math.min(end - start - PART_HEAD, 48)));
        if (at < copy.length) copy[at] = random.chance(0.5) ? random.below(256) : random.below(4);
        return copy;
      }),
    lengthenPart: (bytes, random) =>
      withPart(bytes, random, (copy, { lengthAt }) => {
        const old = little ? copy.readUInt32LE(lengthAt) : copy.readUInt32BE(lengthAt);
        const value = random.chance(0.5)
          ? Math.max(0, old + random.pick([-8, -1, 1, 8]))
          : interestingNumber(random);
        if (little) copy.writeUInt32LE(value % 2 ** 32, lengthAt);
        else copy.writeUInt32BE(value % 2 ** 32, lengthAt);
        return copy;
      }),
    dropPart: (bytes, random) =>
      withPart(bytes, random, (copy, { start, end }) =>
        Buffer.concat([copy.subarray(0, start), copy.subarray(end)]),
      ),
    repeatPart: (bytes, random) =>
      withPart(bytes, random, (copy, { start, end }) =>
        Buffer.concat([copy.subarray(0, end), copy.subarray(start)]),
      ),
  };
}

export const webpMutators = mutatorsOf(partsOfRiff, true);
export const avifMutators = mutatorsOf(partsOfBoxes, false);
