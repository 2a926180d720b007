// Changes one number after the other in the heads of a packed file, with checksums that are right, and
// opens each. A number becomes two of the values given, the next one the next two. Prints how many were refused.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MultimodalDataset, verifyPack } from "pixtok";
import {
  describeMessage,
  findMessages,
  writeMessageList,
} from "../../src/sources/packed/message-list.ts";

const folder = process.argv[2];
const values = process.argv.slice(3).map(Number);
const name = readdirSync(folder).find((one) => one.endsWith(".arrow"));
const path = join(folder, name);
const whole = readFileSync(path);
const messages = findMessages(whole);
const mark = whole.indexOf("pixtok messages 1:");
const room = (whole.readUInt32LE(mark - 4) - 18) / 40;

/** The list of what the file has now in the places of its messages. */
function sign(bytes) {
  bytes.write(writeMessageList([], room), mark, "latin1");
  let position = 0;
  const signed = messages.map(({ bytes: length, headBytes, rows }) => {
    const message = bytes.subarray(position, position + length);
    position += length;
    const { bodyCrc } = describeMessage([message], rows);
    const { headCrc } = describeMessage([message.subarray(0, headBytes)], rows);
    return { bytes: length, headBytes, rows, headCrc, bodyCrc };
  });
  bytes.write(writeMessageList(signed, room), mark, "latin1");
  return bytes;
}

const positions = [];
let start = 0;
for (const { bytes, headBytes } of messages) {
  for (let at = start + 8; at + 4 <= start + headBytes; at += 4) {
    const inList = at + 4 > mark && at < mark + 18 + 40 * room;
    if (!inList) positions.push(at);
  }
  start += bytes;
}

let refused = 0;
let opened = 0;
for (const [i, at] of positions.entries()) {
  for (const j of [2 * i, 2 * i + 1]) {
    const value = values[j % values.length];
    const bytes = Buffer.from(whole);
    bytes.writeUInt32LE(value, at);
    writeFileSync(path, sign(bytes));
    try {
      const dataset = await MultimodalDataset.from(folder, { columns: "auto" });
      await dataset.get(0);
      opened += 1;
    } catch (error) {
      const expected = ["PixtokError", "TypeError", "RangeError"];
      if (!expected.includes(error.name)) throw error;
      refused += 1;
    }
    await verifyPack(folder);
  }
}
writeFileSync(path, sign(Buffer.from(whole)));
const report = await verifyPack(folder);
console.log(JSON.stringify({ refused, opened, ok: report.ok }));
