import { type Box, box, boxes, FULL_BOX } from "./avif-boxes.js";

/** A property of an item, by its place in the list of properties, from 1. */
interface Association {
  index: number;
  essential: boolean;
}

/** Associations by number of item. */
export type Items = Map<number, Association[]>;

/** Item numbers have 16 bits in a box of version 0, else 32. */
export function readId(file: Buffer, { body }: Box, at: number): number {
  return file.readUInt8(body) === 0 ? file.readUInt16BE(at) : file.readUInt32BE(at);
}

export function readItems(file: Buffer, ipma: Box): Items {
  const idBytes = file.readUInt8(ipma.body) === 0 ? 2 : 4;
  const wide = (file.readUInt8(ipma.body + 3) & 1) !== 0;
  const items: Items = new Map();
  let at = ipma.body + FULL_BOX + 4;
  for (let left = file.readUInt32BE(at - 4); left > 0; left -= 1) {
    const associations: Association[] = [];
    items.set(readId(file, ipma, at), associations);
    let count = file.readUInt8(at + idBytes);
    at += idBytes + 1;
    for (; count > 0; count -= 1) {
      const value = wide ? file.readUInt16BE(at) : file.readUInt8(at);
      const essential = wide ? 0x8000 : 0x80;
      associations.push({ index: value & (essential - 1), essential: (value & essential) !== 0 });
      at += wide ? 2 : 1;
    }
  }
  if (at > ipma.end) throw new RangeError("an AVIF box ends within its properties");
  return items;
}

export function writeItems(items: Items): Buffer {
  const number = (value: number, bytes: number) => {
    const written = Buffer.alloc(bytes);
    written.writeUIntBE(value, 0, bytes);
    return written;
  };
  const entries = [...items].flatMap(([id, associations]) => [
    number(id, 4),
    number(associations.length, 1),
    ...associations.map(({ index, essential }) => number(index + (essential ? 0x8000 : 0), 2)),
  ]);
  return box("ipma", [Buffer.from([1, 0, 0, 1]), number(items.size, 4), ...entries]);
}

/** Items that a grid is made of. */
export function tilesOf(file: Buffer, iref: Box, item: number): number[] {
  const idBytes = file.readUInt8(iref.body) === 0 ? 2 : 4;
  const derived = boxes(file, iref.body + FULL_BOX, iref.end).find(
    ({ type, body }) => type === "dimg" && readId(file, iref, body) === item,
  );
  if (derived === undefined) return [];
  const count = file.readUInt16BE(derived.body + idBytes);
  const start = derived.body + idBytes + 2;
  return Array.from({ length: count }, (_, i) => readId(file, iref, start + i * idBytes));
}

/** The first bytes of an item, which lie in one piece (ISO/IEC 14496-12, section 8.11.3). */
export function itemData(file: Buffer, iloc: Box, id: number): Buffer {
  const version = file.readUInt8(iloc.body);
  const sizes = file.readUInt16BE(iloc.body + FULL_BOX);
  const [offsetBytes, lengthBytes, baseBytes] = [12, 8, 4].map(
    (shift) => (sizes >> shift) & 15,
  ) as [number, number, number];
  const indexBytes = version === 0 ? 0 : sizes & 15;
  const numberAt = (at: number, bytes: number): number =>
    bytes === 8 ? Number(file.readBigUInt64BE(at)) : bytes === 0 ? 0 : file.readUIntBE(at, bytes);
  const idBytes = version < 2 ? 2 : 4;
  let at = iloc.body + FULL_BOX + 2;
  let left = numberAt(at, idBytes);
  at += idBytes;
  for (; left > 0; left -= 1) {
    const item = numberAt(at, idBytes);
    at += idBytes + (version === 0 ? 2 : 4);
    const base = numberAt(at, baseBytes);
    const extents = file.readUInt16BE(at + baseBytes);
    at += baseBytes + 2;
    if (item === id && extents > 0) {
      const offset = base + numberAt(at + indexBytes, offsetBytes);
      const length = numberAt(at + indexBytes + offsetBytes, lengthBytes);
      return file.subarray(offset, length === 0 ? file.length : offset + length);
    }
    at += extents * (indexBytes + offsetBytes + lengthBytes);
  }
  return Buffer.alloc(0);
}
