import type { Random } from "../random.js";
import type { Mutators } from "./mutator.js";

const IMAGE = 0x2c;
const EXTENSION = 0x21;

function tableBytes(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

/** Where blocks start: extensions and frames. */
function blocksOf(bytes: Buffer): number[] {
  const starts: number[] = [];
  const skipData = (from: number) => {
    let at = from;
    while (at < bytes.length && bytes[at] !== 0) at += 1 + (bytes[at] as number);
    return at + 1;
  };
  for (let at = 13 + tableBytes(bytes[10] ?? 0); at < bytes.length; ) {
    const kind = bytes[at];
    if (kind !== IMAGE && kind !== EXTENSION) break;
    starts.push(at);
    at = skipData(kind === IMAGE ? at + 11 + tableBytes(bytes[at + 9] ?? 0) : at + 2);
  }
  return starts;
}

function withBlock(
  bytes: Buffer,
  random: Random,
  change: (copy: Buffer, start: number, end: number) => Buffer,
): Buffer | undefined {
  const blocks = blocksOf(bytes);
  if (blocks.length === 0) return undefined;
  const at = random.below(blocks.length);
  return change(Buffer.from(bytes), blocks[at] as number, blocks[at + 1] ?? bytes.length - 1);
}

export const gifMutators: Mutators = {
  /** Its place, size and flags, or what an extension says. */
  changeBlockHead: (bytes, random) =>
    withBlock(bytes, random, (copy, start) => {
      const at = Math.min(start + 1 + random.below(11), copy.length - 1);
      copy[at] = random.chance(0.5) ? random.below(256) : random.below(8);
      return copy;
    }),
  dropBlock: (bytes, random) =>
    withBlock(bytes, random, (copy, start, end) =>
      Buffer.concat([copy.subarray(0, start), copy.subarray(end)]),
    ),
  repeatBlock: (bytes, random) =>
    withBlock(bytes, random, (copy, start, end) =>
      Buffer.concat([copy.subarray(0, end), copy.subarray(start)]),
    ),
  changeScreen(bytes, random) {
    if (bytes.length < 13) return undefined;
    const copy = Buffer.from(bytes);
    copy[6 + random.below(7)] = random.below(256);
    return copy;
  },
};
