import type { Random } from "../random.js";
import { interestingNumber } from "./bytes.js";
import type { Mutators } from "./mutator.js";

const START_OF_SCAN = 0xda;
const isBare = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9);

/** Segments with what follows them: the entropy-coded data of a scan belong to its segment. */
function segmentsOf(bytes: Buffer): Buffer[] {
  const starts: number[] = [];
  for (let at = 0; at + 1 < bytes.length; ) {
    const marker = bytes[at + 1] as number;
    if (
      bytes[at] !== 0xff ||
      marker === 0 ||
      marker === 0xff ||
      (marker >= 0xd0 && marker < 0xd8)
    ) {
      at += 1;
      continue;
    }
    starts.push(at);
    at += 2;
    if (!isBare(marker) && at + 1 < bytes.length) at += bytes.readUInt16BE(at);
  }
  return starts.map((start, i) => bytes.subarray(start, starts[i + 1] ?? bytes.length));
}

/** Picks a segment behind the start of the image. */
function withSegment(
  bytes: Buffer,
  random: Random,
  change: (segments: Buffer[], at: number) => void,
): Buffer | undefined {
  const segments = segmentsOf(bytes).map((segment) => Buffer.from(segment));
  if (segments.length < 3) return undefined;
  change(segments, 1 + random.below(segments.length - 1));
  return Buffer.concat(segments);
}

const markers = [
  0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc9, 0xcc, 0xd9, 0xda, 0xdb, 0xdd, 0xe0, 0xe1, 0xee,
];

export const jpegMutators: Mutators = {
  dropSegment: (bytes, random) =>
    withSegment(bytes, random, (segments, at) => void segments.splice(at, 1)),
  repeatSegment: (bytes, random) =>
    withSegment(bytes, random, (segments, at) => {
      segments.splice(1 + random.below(segments.length), 0, segments[at] as Buffer);
    }),
  swapSegments: (bytes, random) =>
    withSegment(bytes, random, (segments, at) => {
      const other = 1 + random.below(segments.length - 1);
      [segments[at], segments[other]] = [segments[other] as Buffer, segments[at] as Buffer];
    }),
  renameSegment: (bytes, random) =>
    withSegment(bytes, random, (segments, at) => {
      (segments[at] as Buffer)[1] = random.pick(markers);
    }),
  lengthenSegment: (bytes, random) =>
    withSegment(bytes, random, (segments, at) => {
      const segment = segments[at] as Buffer;
      if (segment.length < 4) return;
      const length = segment.readUInt16BE(2) + random.pick([-2, -1, 1, 2, 16]);
      segment.writeUInt16BE(
        random.chance(0.7) ? length & 0xffff : interestingNumber(random) & 0xffff,
        2,
      );
    }),
  changeSegment: (bytes, random) =>
    withSegment(bytes, random, (segments, at) => {
      const segment = segments[at] as Buffer;
      if (segment.length > 4) segment[4 + random.below(segment.length - 4)] = random.below(256);
    }),
  strayBytes: (bytes, random) =>
    withSegment(bytes, random, (segments, at) => {
      segments.splice(at, 0, Buffer.alloc(1 + random.below(4), random.below(255)));
    }),
  takeSegment: (bytes, random, others) =>
    withSegment(bytes, random, (segments, at) => {
      const taken = segmentsOf(random.pick(others));
      if (taken.length > 0) segments[at] = random.pick(taken);
    }),
  markerInScan: (bytes, random) =>
    withSegment(bytes, random, (segments) => {
      const scans = segments.filter((segment) => segment[1] === START_OF_SCAN);
      if (scans.length === 0) return;
      const scan = random.pick(scans);
      const at = random.below(Math.max(1, scan.length - 2));
      scan[at] = 0xff;
      scan[at + 1] = random.chance(0.5) ? 0xd0 + random.below(10) : random.below(256);
    }),
};
