// Flatbuffers by hand, for heads of messages that no honest writer writes. Nothing is aligned: who reads them does not mind.

/** What stands in a table: numbers as bytes, or what lies elsewhere. */
export type Stored = Uint8Array | Placed;

/** What a table or a list refers to. */
export interface Placed {
  /** Writes it at a position, and all that it refers to behind it. */
  at(position: number): Uint8Array;
}

const OFFSET_BYTES = 4;

export function int8(value: number): Uint8Array {
  return Buffer.from([value]);
}

export function int16(value: number): Uint8Array {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16LE(value);
  return bytes;
}

export function int32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

export function int64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(value));
  return bytes;
}

/** Slots one behind the other, and behind them what those refer to. */
function withPlaced(slots: readonly Stored[], position: number): Uint8Array {
  const isPlaced = (one: Stored): one is Placed => !(one instanceof Uint8Array);
  const size = slots.reduce((sum, one) => sum + (isPlaced(one) ? OFFSET_BYTES : one.length), 0);
  const [own, behind] = [Buffer.alloc(size), [] as Uint8Array[]];
  let at = 0;
  let end = position + size;
  for (const one of slots) {
    if (isPlaced(one)) {
      own.writeUInt32LE(end - (position + at), at);
      const bytes = one.at(end);
      behind.push(bytes);
      end += bytes.length;
      at += OFFSET_BYTES;
    } else {
      own.set(one, at);
      at += one.length;
    }
  }
  return Buffer.concat([own, ...behind]);
}

/** A table, by the numbers of its fields. Where each field stands lies behind all that it refers to. */
export function tableOf(fields: Readonly<Record<number, Stored>>): Placed {
  return {
    at(position) {
      const numbers = Object.keys(fields).map(Number);
      const names = Buffer.alloc(4 + 2 * (Math.max(-1, ...numbers) + 1));
      let at = OFFSET_BYTES;
      for (const number of numbers) {
        names.writeUInt16LE(at, 4 + 2 * number);
        const stored = fields[number] as Stored;
        at += stored instanceof Uint8Array ? stored.length : OFFSET_BYTES;
      }
      names.writeUInt16LE(names.length, 0);
      names.writeUInt16LE(at, 2);
      const place = Buffer.alloc(OFFSET_BYTES);
      const bytes = withPlaced([place, ...Object.values(fields)], position);
      bytes.set(int32(-bytes.length), 0);
      return Buffer.concat([bytes, names]);
    },
  };
}

/** A list of tables, or of numbers. */
export function listOf(items: readonly Stored[]): Placed {
  return { at: (position) => withPlaced([int32(items.length), ...items], position) };
}

export function textOf(text: string): Placed {
  const bytes = Buffer.from(text);
  return { at: () => Buffer.concat([int32(bytes.length), bytes]) };
}

/** All of a flatbuffer, whose root this is. */
export function flatbuffer(root: Placed): Uint8Array {
  return withPlaced([root], 0);
}
