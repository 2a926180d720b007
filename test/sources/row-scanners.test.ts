// Where rows of a text begin, however the text is cut into pieces.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RemoteSettings } from "../../src/remote/remote-options.js";
import { delimitedRecords } from "../../src/sources/manifest/delimited-records.js";
import { openJsonLines } from "../../src/sources/manifest/json-lines.js";
import { bytesInMemory, type TextBytes } from "../../src/sources/text-bytes.js";

function* piecesOf(text: string, length: number): Generator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

describe("rows of a text in pieces", () => {
  for (const length of [1, 2, 3, 5, 100]) {
    test(`of ${length} bytes are lines of JSON that hold something`, async () => {
      const text = '\n \n{"a":1}\n\r\n\t\n{"a":22}\n\n{"a":3}';
      const bytes: TextBytes = {
        ...bytesInMemory(Buffer.from(text)),
        async *chunks() {
          yield* piecesOf(text, length);
        },
      };
      const file = { path: "x.jsonl", name: "x.jsonl", folder: "." };
      const rows = await openJsonLines(file, bytes, {} as RemoteSettings);
      const read = await Promise.all(Array.from({ length: rows.length }, (_, i) => rows.read(i)));
      assert.deepEqual(read, [{ a: 1 }, { a: 22 }, { a: 3 }]);
    });

    test(`of ${length} bytes are records, in whose quotes lines do not end`, () => {
      const records = ["a,b\r\n", '"c\n","d""\n"\r\n', 'e"\n', ',"\n""\n",f\n', "g"];
      const scan = delimitedRecords(",").scanner();
      const starts: number[] = [];
      for (const piece of piecesOf(`\n${records.join("\n")}`, length)) {
        scan(piece, (start) => starts.push(start));
      }
      const expected = records.map((_, i) => 1 + records.slice(0, i).join("\n").length + (i && 1));
      assert.deepEqual(starts, expected);
    });
  }
});
