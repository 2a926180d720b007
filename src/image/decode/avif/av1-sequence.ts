/** How an AV1 image's samples become colours; numbers as in ITU-T H.273. */
export interface Av1Colour {
  primaries: number;
  matrix: number;
  fullRange: boolean;
}

/** What an AV1 image's samples are. */
export interface Av1Samples {
  bits: 8 | 10 | 12;
  grey: boolean;
  /** Chroma has half the luma's width or height; of grey both are true. */
  halfWidth: boolean;
  halfHeight: boolean;
}

/** What an AV1 sequence header says. */
export type Av1Sequence = Av1Colour & Av1Samples;

const SEQUENCE_HEADER = 1;
const UNSPECIFIED = 2;
const SRGB = { primaries: 1, transfer: 13, matrix: 0 };

class BitReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  number(bits: number): number {
    let value = 0;
    for (let bit = 0; bit < bits; bit += 1, this.#at += 1) {
      value = 2 * value + ((this.#bytes.readUInt8(this.#at >> 3) >> (7 - (this.#at & 7))) & 1);
    }
    return value;
  }

  flag(): boolean {
    return this.number(1) === 1;
  }

  /** AV1's uvlc(). */
  skipVariableLength(): void {
    let zeros = 0;
    while (!this.flag()) zeros += 1;
    this.number(zeros);
  }
}

/**
 * What the sequence header among AV1's open bitstream units declares, or null where there is none (AV1 specification, sections 5.3 to 5.5).
 *
 * @throws {RangeError} where the units end early.
 */
export function av1Sequence(units: Buffer): Av1Sequence | null {
  let at = 0;
  while (at < units.length) {
    const header = units.readUInt8(at);
    at += (header & 4) === 0 ? 1 : 2;
    let size = units.length - at;
    if ((header & 2) !== 0) {
      size = 0;
      for (let shift = 0, more = true; more; shift += 7, at += 1) {
        size += (units.readUInt8(at) & 0x7f) * 2 ** shift;
        more = (units.readUInt8(at) & 0x80) !== 0;
      }
    }
    if (((header >> 3) & 15) === SEQUENCE_HEADER) {
      return readSequenceHeader(new BitReader(units.subarray(at, at + size)));
    }
    at += size;
  }
  return null;
}

function readSequenceHeader(bits: BitReader): Av1Sequence {
  const profile = bits.number(3);
  bits.flag(); // still_image
  const reduced = bits.flag();
  if (reduced) bits.number(5);
  else skipOperatingPoints(bits);
  const widthBits = bits.number(4) + 1;
  const heightBits = bits.number(4) + 1;
  bits.number(widthBits);
  bits.number(heightBits);
  if (!reduced && bits.flag()) bits.number(7); // frame ids
  bits.number(3); // 128 x 128 superblocks, filter intra, intra edge filter
  if (!reduced) skipInterTools(bits);
  bits.number(3); // superres, cdef, restoration
  return readColourConfig(bits, profile);
}

function skipOperatingPoints(bits: BitReader): void {
  let delayBits = 0;
  if (bits.flag()) {
    bits.number(64); // units in a display tick, time scale
    if (bits.flag()) bits.skipVariableLength();
    if (bits.flag()) {
      delayBits = bits.number(5) + 1;
      bits.number(42);
    }
  }
  const displayDelay = bits.flag();
  for (let points = bits.number(5) + 1; points > 0; points -= 1) {
    bits.number(12);
    if (bits.number(5) > 7) bits.flag();
    if (delayBits > 0 && bits.flag()) bits.number(2 * delayBits + 1);
    if (displayDelay && bits.flag()) bits.number(4);
  }
}

function skipInterTools(bits: BitReader): void {
  bits.number(4);
  const orderHint = bits.flag();
  if (orderHint) bits.number(2);
  const screenContent = bits.flag() ? 2 : bits.number(1);
  if (screenContent > 0 && !bits.flag()) bits.flag();
  if (orderHint) bits.number(3);
}

function readColourConfig(reader: BitReader, profile: number): Av1Sequence {
  const highBitDepth = reader.flag();
  const bits = profile === 2 && highBitDepth ? (reader.flag() ? 12 : 10) : highBitDepth ? 10 : 8;
  const grey = profile !== 1 && reader.flag();
  const described = reader.flag();
  const [primaries, transfer, matrix] = described
    ? ([reader.number(8), reader.number(8), reader.number(8)] as const)
    : ([UNSPECIFIED, UNSPECIFIED, UNSPECIFIED] as const);
  const isSrgb =
    primaries === SRGB.primaries && transfer === SRGB.transfer && matrix === SRGB.matrix;
  const fullRange = (isSrgb && !grey) || reader.flag();
  const colour = { primaries, matrix, fullRange, bits, grey } as const;
  if (grey || profile === 0) return { ...colour, halfWidth: true, halfHeight: true };
  if (isSrgb || profile === 1) return { ...colour, halfWidth: false, halfHeight: false };
  const halfWidth = bits === 12 ? reader.flag() : true;
  return { ...colour, halfWidth, halfHeight: bits === 12 && halfWidth && reader.flag() };
}
