import type { Random } from "../random.js";
import type { Mutators } from "./mutator.js";

const BLOCK = 512;
const fields = {
  name: [0, 100],
  mode: [100, 8],
  size: [124, 12],
  mtime: [136, 12],
  type: [156, 1],
  link: [157, 100],
  magic: [257, 8],
  prefix: [345, 155],
} as const;

const [CHECKSUM_AT, CHECKSUM_BYTES] = [148, 8];

const contents: Record<keyof typeof fields, readonly string[]> = {
  name: [
    "",
    "a.jpg",
    "../a.jpg",
    "/etc/passwd",
    "a",
    ".jpg",
    "a.b.jpg",
    "\xff\xfe.jpg",
    "a".repeat(100),
  ],
  mode: ["", "7777777", "-1"],
  size: [
    "",
    "0",
    "00000000001",
    "77777777777",
    "-1",
    "9",
    "\x80\0\0\0\0\0\0\0\0\0\x10\0",
    "\xff".repeat(12),
  ],
  mtime: ["", "77777777777", "x"],
  type: ["0", "\0", "1", "2", "3", "5", "6", "7", "L", "K", "x", "g", "S", "V", "D"],
  link: ["", "a.jpg", "/dev/zero"],
  magic: ["", "ustar\x0000", "ustar  \0", "xxxxx"],
  prefix: ["", "..", "/", "p".repeat(155)],
};

function headersOf(bytes: Buffer): number[] {
  const headers: number[] = [];
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    if (bytes[at] === 0) break;
    headers.push(at);
    const size = Number.parseInt(bytes.toString("latin1", at + 124, at + 135), 8) || 0;
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return headers;
}

function fixChecksum(bytes: Buffer, header: number): void {
  bytes.fill(" ", header + CHECKSUM_AT, header + CHECKSUM_AT + CHECKSUM_BYTES);
  const sum = bytes.subarray(header, header + BLOCK).reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, header + CHECKSUM_AT, "latin1");
}

function withHeader(
  bytes: Buffer,
  random: Random,
  change: (copy: Buffer, start: number, end: number) => Buffer,
): Buffer | undefined {
  const headers = headersOf(bytes);
  if (headers.length === 0) return undefined;
  const at = random.below(headers.length);
  return change(Buffer.from(bytes), headers[at] as number, headers[at + 1] ?? bytes.length - 1024);
}

export const tarMutators: Mutators = {
  changeField: (bytes, random) =>
    withHeader(bytes, random, (copy, start) => {
      const field = random.pick(Object.keys(fields) as (keyof typeof fields)[]);
      const [at, length] = fields[field];
      const content = Buffer.from(random.pick(contents[field]), "latin1").subarray(0, length);
      copy.fill(0, start + at, start + at + length);
      content.copy(copy, start + at);
      fixChecksum(copy, start);
      return copy;
    }),
  changeHeaderByte: (bytes, random) =>
    withHeader(bytes, random, (copy, start) => {
      copy[start + random.below(BLOCK)] = random.below(256);
      fixChecksum(copy, start);
      return copy;
    }),
  dropEntry: (bytes, random) =>
    withHeader(bytes, random, (copy, start, end) =>
      Buffer.concat([copy.subarray(0, start), copy.subarray(end)]),
    ),
  repeatEntry: (bytes, random) =>
    withHeader(bytes, random, (copy, start, end) =>
      Buffer.concat([copy.subarray(0, end), copy.subarray(start)]),
    ),
};
