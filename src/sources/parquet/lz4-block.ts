/** A length of 15 goes on in bytes, up to the first that is not 255. */
const LONG = 15;
const SHORTEST_MATCH = 4;

/**
 * Unpacks a block of LZ4 into the whole of `output`.
 *
 * @throws {RangeError} where it is damaged, or is not of just this length.
 */
export function unpackLz4Block(input: Uint8Array, output: Uint8Array): void {
  let at = 0;
  let done = 0;
  const damaged = () => new RangeError("LZ4 data are damaged");
  const byte = (): number => {
    const value = input[at];
    if (value === undefined) throw damaged();
    at += 1;
    return value;
  };
  const lengthFrom = (short: number): number => {
    let length = short;
    if (short < LONG) return length;
    for (let more = 255; more === 255; length += more) more = byte();
    return length;
  };
  for (;;) {
    const token = byte();
    const literals = lengthFrom(token >> 4);
    if (literals > input.length - at || literals > output.length - done) throw damaged();
    output.set(input.subarray(at, at + literals), done);
    at += literals;
    done += literals;
    // the last sequence is of literals alone
    if (at === input.length) break;

    const distance = byte() + 256 * byte();
    const length = lengthFrom(token & LONG) + SHORTEST_MATCH;
    if (distance === 0 || distance > done || length > output.length - done) throw damaged();
    // a match may overlap what it makes
    if (distance >= length) output.copyWithin(done, done - distance, done - distance + length);
    else
      for (let i = 0; i < length; i += 1) output[done + i] = output[done + i - distance] as number;
    done += length;
  }
  if (done !== output.length) throw damaged();
}
