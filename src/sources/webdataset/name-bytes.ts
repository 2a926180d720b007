import { isUtf8 } from "node:buffer";

/** A byte that is not of UTF-8, as Python's "surrogateescape" has it: no character is there. */
const ESCAPE = 0xdc00;
/** What Node puts in its place. */
const REPLACEMENT = "\ufffd";
const ESCAPED = /[\udc80-\udcff]/;

/** Bytes of the character that begins there; 0 where none does. */
function characterLength(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4; length += 1) {
    if (at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length))) return length;
  }
  return 0;
}

/** A name in UTF-8. Bytes that are not are kept, so that other bytes are another name, as in Python. */
export function nameOfBytes(bytes: Buffer, start = 0, end = bytes.length): string {
  const plain = bytes.toString("utf8", start, end);
  const own = plain.includes(REPLACEMENT) ? bytes.subarray(start, end) : undefined;
  if (own === undefined || isUtf8(own)) return plain;
  let name = "";
  for (let at = 0; at < own.length; ) {
    const length = characterLength(own, at);
    name +=
      length === 0
        ? String.fromCharCode(ESCAPE + (own[at] as number))
        : own.toString("utf8", at, at + length);
    at += Math.max(1, length);
  }
  return name;
}

/** Whether its bytes are UTF-8. */
export const isPlainName = (name: string): boolean => !ESCAPED.test(name);

/** The bytes that nameOfBytes() made a name of. */
export function bytesOfName(name: string): Buffer {
  if (isPlainName(name)) return Buffer.from(name);
  // by code points: a pair of surrogates is a character
  const characters = Array.from(name, (character) =>
    ESCAPED.test(character) && character.length === 1
      ? Buffer.of(character.charCodeAt(0) - ESCAPE)
      : Buffer.from(character),
  );
  return Buffer.concat(characters);
}
