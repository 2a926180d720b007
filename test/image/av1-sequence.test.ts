// AV1 sequence headers, written bit by bit as its specification has them (sections 5.3 to 5.5), are read back.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { av1Sequence } from "../../src/image/decode/avif/av1-sequence.js";
import { fc } from "../support/properties.js";

const headers = fc.record({
  profile: fc.constantFrom(0, 1, 2),
  reduced: fc.boolean(),
  timing: fc.boolean(),
  equalInterval: fc.boolean(),
  zeros: fc.nat(6),
  decoderModel: fc.boolean(),
  delayBits: fc.integer({ min: 1, max: 32 }),
  displayDelay: fc.boolean(),
  points: fc.array(
    fc.record({ level: fc.nat(31), decoderModel: fc.boolean(), displayDelay: fc.boolean() }),
    { minLength: 1, maxLength: 3 },
  ),
  widthBits: fc.integer({ min: 1, max: 16 }),
  heightBits: fc.integer({ min: 1, max: 16 }),
  frameIds: fc.boolean(),
  orderHint: fc.boolean(),
  chooseScreenContent: fc.boolean(),
  forceScreenContent: fc.boolean(),
  chooseInteger: fc.boolean(),
  highBitDepth: fc.boolean(),
  twelveBits: fc.boolean(),
  grey: fc.boolean(),
  colours: fc.option(
    fc.oneof(fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255)), fc.constant([1, 13, 0] as const)),
    { nil: undefined },
  ),
  fullRange: fc.boolean(),
  halfWidth: fc.boolean(),
  halfHeight: fc.boolean(),
  /** What no field that is read has. */
  filler: fc.constantFrom("0", "1"),
});
type Header = typeof headers extends fc.Arbitrary<infer H> ? H : never;

/** The header's bits, and what they declare. */
function written(header: Header) {
  const bits: string[] = [];
  const number = (value: number, length: number) =>
    bits.push(value.toString(2).padStart(length, "0"));
  const flag = (value: boolean) => bits.push(value ? "1" : "0");
  const any = (length: number) => bits.push(header.filler.repeat(length));

  number(header.profile, 3);
  any(1);
  flag(header.reduced);
  if (header.reduced) any(5);
  else {
    flag(header.timing);
    if (header.timing) {
      any(64);
      flag(header.equalInterval);
      if (header.equalInterval) {
        bits.push(`${"0".repeat(header.zeros)}1`);
        any(header.zeros);
      }
      flag(header.decoderModel);
      if (header.decoderModel) {
        number(header.delayBits - 1, 5);
        any(42);
      }
    }
    flag(header.displayDelay);
    number(header.points.length - 1, 5);
    for (const point of header.points) {
      any(12);
      number(point.level, 5);
      if (point.level > 7) any(1);
      if (header.timing && header.decoderModel) {
        flag(point.decoderModel);
        if (point.decoderModel) any(2 * header.delayBits + 1);
      }
      if (header.displayDelay) {
        flag(point.displayDelay);
        if (point.displayDelay) any(4);
      }
    }
  }
  number(header.widthBits - 1, 4);
  number(header.heightBits - 1, 4);
  any(header.widthBits + header.heightBits);
  if (!header.reduced) {
    flag(header.frameIds);
    if (header.frameIds) any(7);
  }
  any(3);
  if (!header.reduced) {
    any(4);
    flag(header.orderHint);
    if (header.orderHint) any(2);
    flag(header.chooseScreenContent);
    if (!header.chooseScreenContent) flag(header.forceScreenContent);
    if (header.chooseScreenContent || header.forceScreenContent) {
      flag(header.chooseInteger);
      if (!header.chooseInteger) any(1);
    }
    if (header.orderHint) any(3);
  }
  any(3);

  const { profile, highBitDepth, twelveBits, halfWidth, halfHeight } = header;
  flag(highBitDepth);
  if (profile === 2 && highBitDepth) flag(twelveBits);
  const depth = !highBitDepth ? 8 : profile === 2 && twelveBits ? 12 : 10;
  const grey = profile !== 1 && header.grey;
  if (profile !== 1) flag(grey);
  const [primaries, transfer, matrix] = header.colours ?? [2, 2, 2];
  flag(header.colours !== undefined);
  if (header.colours !== undefined) for (const one of header.colours) number(one, 8);
  const isSrgb = primaries === 1 && transfer === 13 && matrix === 0;
  const hasRange = grey || !isSrgb;
  if (hasRange) flag(header.fullRange);
  const colour = { primaries, matrix, fullRange: !hasRange || header.fullRange, bits: depth, grey };
  const declared = (wide: boolean, high: boolean) => ({
    ...{ ...colour, halfWidth: wide, halfHeight: high },
  });
  const end = () =>
    Buffer.from(
      (
        bits
          .join("")
          .padEnd(bits.join("").length + 8, "0")
          .match(/.{8}/g) ?? []
      ).map((byte) => Number.parseInt(byte, 2)),
    );
  if (grey || profile === 0) return { bytes: end(), expected: declared(true, true) };
  if (isSrgb || profile === 1) return { bytes: end(), expected: declared(false, false) };
  if (depth !== 12) return { bytes: end(), expected: declared(true, false) };
  flag(halfWidth);
  if (halfWidth) flag(halfHeight);
  return { bytes: end(), expected: declared(halfWidth, halfWidth && halfHeight) };
}

const SEQUENCE = 1;
/** An open bitstream unit. */
function unit(type: number, content: Buffer, { sized = true, extended = false } = {}): Buffer {
  const size = [(content.length & 127) | 128, content.length >> 7];
  return Buffer.concat([
    Buffer.from([(type << 3) | (extended ? 4 : 0) | (sized ? 2 : 0), ...(extended ? [0] : [])]),
    Buffer.from(sized ? size : []),
    content,
  ]);
}

describe("an AV1 sequence header", () => {
  test("is read back, whatever it has", () => {
    fc.assert(
      fc.property(headers, (header) => {
        const { bytes, expected } = written(header);
        assert.deepEqual(av1Sequence(unit(SEQUENCE, bytes)), expected);
      }),
      { numRuns: 400 },
    );
  });

  test("is found behind other units, with an extension, and without a size", () => {
    const [header] = fc.sample(headers, { numRuns: 1, seed: 5 }) as [Header];
    const { bytes, expected } = written(header);
    const others = [unit(2, Buffer.alloc(0)), unit(5, Buffer.alloc(200, 255), { extended: true })];
    for (const of of [{}, { extended: true }, { sized: false }, { sized: false, extended: true }]) {
      assert.deepEqual(
        av1Sequence(Buffer.concat([...others, unit(SEQUENCE, bytes, of)])),
        expected,
      );
    }
    assert.equal(av1Sequence(Buffer.concat(others)), null);
    assert.equal(av1Sequence(Buffer.alloc(0)), null);
    assert.equal(av1Sequence(unit(2, Buffer.alloc(9), { sized: false })), null);
  });

  test("that ends early is refused", () => {
    for (const bytes of [[0x0a], [0x0a, 0x80], [0x0a, 1, 0], [0x0e]]) {
      assert.throws(() => av1Sequence(Buffer.from(bytes)), { name: "RangeError" });
    }
  });
});
