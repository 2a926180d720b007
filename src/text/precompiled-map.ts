import { isUtf8 } from "node:buffer";

/** A leaf's number, which is no node. */
const IS_NUMBER = 0x8000_0000;
const HAS_LEAF = 0x100;

/**
 * Whether a `precompiled_charsmap` is whole: SentencePiece's array of a double-array trie, and the strings
 * that its leaves point to. The library follows both without a look at where they end.
 */
export function isPrecompiledMap(base64: string): boolean {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length < 4) return false;
  const size = bytes.readUInt32LE(0);
  if (size === 0 || size % 4 !== 0 || size > bytes.length - 4) return false;
  const strings = bytes.subarray(4 + size);
  if (!isUtf8(strings) || strings.at(-1) !== 0) return false;
  const count = size / 4;
  // the first node is followed whatever it is
  if (bytes.readUInt32LE(4) >= IS_NUMBER) return false;
  for (let i = 0; i < count; i += 1) {
    const unit = bytes.readUInt32LE(4 + 4 * i);
    if (unit >= IS_NUMBER) continue;
    const offset = (unit >>> 10) << ((unit & 0x200) >>> 6);
    const children = (i ^ offset) >>> 0;
    // any byte may come next
    if ((children | 0xff) >>> 0 >= count) return false;
    if ((unit & HAS_LEAF) === 0) continue;
    const start = (bytes.readUInt32LE(4 + 4 * children) & ~IS_NUMBER) >>> 0;
    const first = strings[start];
    const isMiddle = first !== undefined && (first & 0xc0) === 0x80;
    if (first === undefined || isMiddle) return false;
  }
  return true;
}
