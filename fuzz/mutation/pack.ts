import {
  describeMessage,
  findMessages,
  writeMessageList,
} from "../../src/sources/packed/message-list.js";
import { byteMutators } from "./bytes.js";
import type { Mutators } from "./mutator.js";

const MARK = "pixtok messages 1:";
const ENTRY_DIGITS = 40;

/** The packed file with checksums that are right for what it now holds; undefined where it has no list. */
function sealed(
  file: Buffer,
  pieces: readonly Buffer[],
  rows: readonly number[],
): Buffer | undefined {
  const [schema] = pieces;
  const at = schema?.indexOf(MARK) ?? -1;
  if (schema === undefined || at < 4) return undefined;
  const room = Math.floor((file.readUInt32LE(at - 4) - MARK.length) / ENTRY_DIGITS);
  const blank = Buffer.from(schema);
  blank.write(writeMessageList([], room), at, "latin1");
  const described = pieces.map((piece, i) =>
    describeMessage([i === 0 ? blank : piece], rows[i] ?? 0),
  );
  blank.write(writeMessageList(described, room), at, "latin1");
  return Buffer.concat([blank, ...pieces.slice(1)]);
}

export const packMutators: Mutators = {
  /** A forged packed file: one of its messages is changed, and its checksums say that it is whole. */
  forge(bytes, random) {
    const messages = findMessages(bytes);
    if (messages === undefined) return undefined;
    const ends = messages.map((_, i) =>
      messages.slice(0, i + 1).reduce((sum, message) => sum + message.bytes, 0),
    );
    const pieces = messages.map((message, i) =>
      bytes.subarray((ends[i] as number) - message.bytes, ends[i]),
    );
    const at = random.below(pieces.length);
    const { flipBit, setByte, setNumber } = byteMutators;
    const head = messages[at]?.headBytes ?? 0;
    const piece = Buffer.from(pieces[at] as Buffer);
    const changed = random.pick([flipBit, setByte, setNumber])?.(piece.subarray(8, head), random);
    changed.copy(piece, 8);
    pieces[at] = piece;
    const rows = messages.map((message) => message.rows);
    const file = sealed(bytes, pieces, rows);
    // Not where the list itself was hit, and cannot be found any more.
    if (file === undefined || findMessages(file) === undefined) return undefined;
    return Buffer.concat([file, bytes.subarray(ends.at(-1))]);
  },
};
