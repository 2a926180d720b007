/**
 * Parquet's hybrid of runs and packed bits, in which levels and places in a dictionary stand: exactly
 * `count` numbers of `width` bits, whatever the runs tell.
 *
 * @param most the largest number that there may be.
 * @throws {RangeError} where the bytes end before, or a number is larger.
 */
export function readHybrid(
  bytes: Buffer,
  width: number,
  count: number,
  most: number,
): Uint8Array | Uint32Array {
  if (!(width >= 0 && width <= 32)) throw new RangeError(`numbers have ${width} bits`);
  const values = most < 256 ? new Uint8Array(count) : new Uint32Array(count);
  const runBytes = Math.ceil(width / 8);
  let at = 0;
  const need = (length: number) => {
    if (length > bytes.length - at) throw new RangeError("runs of levels or places end early");
  };
  for (let done = 0; done < count; ) {
    let head = 0;
    for (let scale = 1; ; scale *= 128) {
      need(1);
      const next = bytes[at] as number;
      at += 1;
      head += (next & 127) * scale;
      if (head >= 2 ** 32) throw new RangeError("a run is too long");
      if (next < 128) break;
    }
    const isPacked = head % 2 === 1;
    const length = Math.min(Math.floor(head / 2) * (isPacked ? 8 : 1), count - done);
    if (isPacked) {
      need(Math.ceil((length * width) / 8));
      unpack(bytes, at, width, values, done, length, most);
      // the last run may leave out the bytes that would fill it up
      at = Math.min(at + Math.floor(head / 2) * width, bytes.length);
    } else {
      need(runBytes);
      const value = runBytes === 0 ? 0 : bytes.readUIntLE(at, runBytes);
      at += runBytes;
      if (length > 0) requireAtMost(value, most);
      values.fill(value, done, done + length);
    }
    done += length;
  }
  return values;
}

function requireAtMost(value: number, most: number): void {
  if (value > most)
    throw new RangeError(`a level or place is ${value}, and should be ${most} at most`);
}

/** Numbers of `width` bits, the lowest bits first. */
function unpack(
  bytes: Buffer,
  start: number,
  width: number,
  values: Uint8Array | Uint32Array,
  from: number,
  count: number,
  most: number,
): void {
  for (let i = 0; i < count; i += 1) {
    const value = readBits(bytes, start, i * width, width);
    requireAtMost(value, most);
    values[from + i] = value;
  }
}

/** Up to 32 bits, from a bit that is counted from the byte at `start`. */
export function readBits(bytes: Buffer, start: number, bit: number, width: number): number {
  let value = 0;
  for (let got = 0; got < width; ) {
    const place = bit + got;
    const shift = place % 8;
    const take = Math.min(8 - shift, width - got);
    const low = ((bytes[start + Math.floor(place / 8)] as number) >>> shift) & ((1 << take) - 1);
    value += low * 2 ** got;
    got += take;
  }
  return value;
}
