export interface Box {
  type: string;
  start: number;
  /** Where the contents start. */
  body: number;
  end: number;
}

/** Bytes of version and flags, in some boxes. */
export const FULL_BOX = 4;

/** The boxes between two offsets (ISO/IEC 14496-12, section 4.2). */
export function boxes(file: Buffer, start: number, end: number): Box[] {
  const found: Box[] = [];
  for (let at = start; at + 8 <= end; ) {
    const declared = file.readUInt32BE(at);
    const size =
      declared === 1 ? Number(file.readBigUInt64BE(at + 8)) : declared === 0 ? end - at : declared;
    const body = at + (declared === 1 ? 16 : 8);
    if (at + size > end || body > at + size) throw new RangeError("an AVIF box ends too late");
    found.push({ type: file.toString("latin1", at + 4, at + 8), start: at, body, end: at + size });
    at += size;
  }
  return found;
}

export function box(type: string, contents: Buffer[]): Buffer {
  const head = Buffer.alloc(8, type.padStart(8), "latin1");
  head.writeUInt32BE(contents.reduce((sum, { length }) => sum + length, head.length));
  return Buffer.concat([head, ...contents]);
}
