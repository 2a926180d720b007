/** Of T.6: the end of a block, and a pixel of white length 0 and black length 1 in horizontal mode. */
const END_OF_BLOCK = "000000000001000000000001";
const BLACK_PIXEL = "00100110101010";

/**
 * CCITT group 4 data of any number of rows, with one row more, all black. Who decodes them to as many
 * rows as there should be, and one, knows by the last whether all were there: decoders leave rows that
 * are missing as they are and say nothing.
 *
 * @param packed the highest bit of a byte first.
 */
export function withBlackRow(packed: Buffer, width: number): Buffer {
  const bits = bitCount(packed);
  const row = BLACK_PIXEL.repeat(width) + END_OF_BLOCK;
  const whole = Buffer.alloc((bits >> 3) + (row.length >> 3) + 2);
  packed.copy(whole, 0, 0, (bits + 7) >> 3);
  if ((bits & 7) !== 0) whole[bits >> 3] = (packed[bits >> 3] as number) & (0xff00 >> (bits & 7));
  for (let i = 0; i < row.length; i += 1) {
    if (row[i] === "1")
      whole[(bits + i) >> 3] = (whole[(bits + i) >> 3] as number) | (0x80 >> ((bits + i) & 7));
  }
  return whole;
}

/** Up to the first code that ends the block, if there is one: no other codes look like it. */
function bitCount(packed: Buffer): number {
  const end = Number.parseInt(END_OF_BLOCK, 2);
  let last = 0xff_ffff;
  for (let bit = 0; bit < 8 * packed.length; bit += 1) {
    last = ((last << 1) | (((packed[bit >> 3] as number) >> (7 - (bit & 7))) & 1)) & 0xff_ffff;
    if (last === end) return bit + 1 - END_OF_BLOCK.length;
  }
  return 8 * packed.length;
}
