import type { Mutators } from "./mutator.js";

const pieces = [
  '"',
  '""',
  ",",
  ";",
  "\t",
  "\n",
  "\r",
  "\r\n",
  "\0",
  "\\",
  "\\u",
  "{",
  "}",
  "[",
  "]",
  ":",
  " ",
  "NaN",
  "Infinity",
  "-",
  "1e999",
  "\xef\xbb\xbf",
  "\xff\xfe",
  "\xff",
  "\xc3",
  "\xed\xa0\x80",
  "\xe2\x80\xa8",
  "../",
  "/dev/zero",
  "http://a/",
  "(a+)+$",
].map((piece) => Buffer.from(piece, "latin1"));

/** What readers of text stumble over, put anywhere. */
export const textMutators: Mutators = {
  insertPiece(bytes, random) {
    const at = random.below(bytes.length + 1);
    const count = random.chance(0.9) ? 1 : 1 + random.below(500);
    const inserted = Buffer.concat(new Array<Buffer>(count).fill(random.pick(pieces)));
    return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]);
  },
  replaceByPiece(bytes, random) {
    const at = random.below(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), random.pick(pieces), bytes.subarray(at + 1)]);
  },
  asUtf16: (bytes, random) =>
    random.chance(0.1) ? Buffer.from(`\ufeff${bytes.toString()}`, "utf16le") : undefined,
  dropLine(bytes, random) {
    const lines = bytes.toString("latin1").split("\n");
    lines.splice(random.below(lines.length), 1);
    return Buffer.from(lines.join("\n"), "latin1");
  },
  repeatLine(bytes, random) {
    const lines = bytes.toString("latin1").split("\n");
    lines.splice(random.below(lines.length), 0, random.pick(lines));
    return Buffer.from(lines.join("\n"), "latin1");
  },
};
