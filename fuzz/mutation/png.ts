import { crc32, deflateSync, inflateSync } from "node:zlib";
import type { Random } from "../random.js";
import { byteMutators, interestingNumber } from "./bytes.js";
import type { Mutators } from "./mutator.js";

const SIGNATURE_BYTES = 8;

interface Chunk {
  type: string;
  data: Buffer;
}

function chunksOf(bytes: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE_BYTES; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString("latin1", at + 4, at + 8);
    chunks.push({ type, data: Buffer.from(bytes.subarray(at + 8, at + 8 + length)) });
    at += 12 + length;
  }
  return chunks;
}

/** Chunks with checksums that are right. */
function joined(bytes: Buffer, chunks: readonly Chunk[]): Buffer {
  const parts = chunks.flatMap(({ type, data }) => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    checksum.writeUInt32BE(crc32(body));
    return [length, body, checksum];
  });
  return Buffer.concat([bytes.subarray(0, SIGNATURE_BYTES), ...parts]);
}

function withChunk(
  bytes: Buffer,
  random: Random,
  change: (chunks: Chunk[], chunk: Chunk, at: number) => void,
): Buffer | undefined {
  const chunks = chunksOf(bytes);
  if (chunks.length === 0) return undefined;
  const at = random.below(chunks.length);
  change(chunks, chunks[at] as Chunk, at);
  return joined(bytes, chunks);
}

const types = [
  "IHDR",
  "PLTE",
  "IDAT",
  "IEND",
  "tRNS",
  "acTL",
  "fcTL",
  "fdAT",
  "gAMA",
  "iCCP",
  "eXIf",
  "zTXt",
];

export const pngMutators: Mutators = {
  changeChunk: (bytes, random) =>
    withChunk(bytes, random, (_, chunk) => {
      const { flipBit, setByte, setNumber, cut, erase, duplicate } = byteMutators;
      const mutate = random.pick([flipBit, setByte, setNumber, cut, erase, duplicate]);
      chunk.data = Buffer.from(mutate(chunk.data, random));
    }),
  dropChunk: (bytes, random) =>
    withChunk(bytes, random, (chunks, _, at) => void chunks.splice(at, 1)),
  repeatChunk: (bytes, random) =>
    withChunk(bytes, random, (chunks, chunk) => {
      chunks.splice(random.below(chunks.length + 1), 0, chunk);
    }),
  renameChunk: (bytes, random) =>
    withChunk(bytes, random, (_, chunk) => {
      chunk.type = random.pick(types);
    }),
  splitChunk: (bytes, random) =>
    withChunk(bytes, random, (chunks, { type, data }, at) => {
      const half = random.below(data.length + 1);
      const parts = [data.subarray(0, half), data.subarray(half)];
      chunks.splice(at, 1, ...parts.map((part) => ({ type, data: part })));
    }),
  changeHeader: (bytes, random) =>
    withChunk(bytes, random, (chunks) => {
      const header = chunks[0]?.data;
      if (header === undefined || header.length < 13) return;
      const field = random.below(7);
      if (field < 2) header.writeUInt32BE(interestingNumber(random), 4 * field);
      else header[6 + field] = random.pick([0, 1, 2, 3, 4, 6, 8, 16, 255]);
    }),
  /** The pixels before they are compressed: filters and samples. */
  changePixels(bytes, random) {
    const chunks = chunksOf(bytes);
    const pixels = chunks.filter(({ type }) => type === "IDAT");
    const [first] = pixels;
    if (first === undefined) return undefined;
    try {
      const raw = inflateSync(Buffer.concat(pixels.map(({ data }) => data)));
      if (random.chance(0.5)) raw[random.below(raw.length)] = random.below(256);
      const most = random.chance(0.5) ? raw.length : random.below(raw.length + 1);
      first.data = deflateSync(raw.subarray(0, most));
    } catch {
      return undefined; // damaged before
    }
    return joined(
      bytes,
      chunks.filter((chunk) => chunk === first || chunk.type !== "IDAT"),
    );
  },
};
