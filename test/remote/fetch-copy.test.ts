// How a remote file becomes a copy: what is asked for after a connection broke.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, describe, test } from "node:test";
import { fetchCopy } from "../../src/remote/fetch-copy.js";
import type { ByteSpan } from "../../src/remote/remote-answer.js";
import { stayAlive } from "../../src/remote/stay-alive.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-fetch-copy-"));
after(() => rmSync(folder, { recursive: true }));

const content = Buffer.from("a file that comes in two pieces");
const FIRST_PIECE = 10;

/** Gives the bytes, and breaks once they have been taken. */
function brokenAfter(bytes: Buffer): Readable {
  let isGiven = false;
  return new Readable({
    highWaterMark: 1,
    read() {
      if (isGiven) this.destroy(Object.assign(new Error("read"), { code: "ECONNRESET" }));
      else this.push(bytes);
      isGiven = true;
    },
  });
}

/** Fetches the file over a connection that breaks once, and says what was asked for. */
async function spansAskedFor(givesParts: boolean, validator: string | undefined) {
  const spans: (ByteSpan | undefined)[] = [];
  const path = join(folder, `${givesParts} ${validator}`);
  const facts = { size: content.length, validator, checksum: undefined };
  const copying = fetchCopy(
    {
      ...facts,
      source: "http://server/file",
      retries: 1,
      timeoutSeconds: 60,
      signal: new AbortController().signal,
      request: async (span) => {
        spans.push(span);
        const first = givesParts ? (span?.first ?? 0) : 0;
        const body =
          spans.length === 1
            ? brokenAfter(content.subarray(0, FIRST_PIECE))
            : Readable.from([content.subarray(first)]);
        return { ...facts, first, body };
      },
    },
    path,
    async () => {},
  );
  await stayAlive(copying);
  assert.deepEqual(readFileSync(path), content);
  return spans;
}

describe("where a connection breaks, a copy is whole, and what is asked for then is", () => {
  test("the rest of the file, where the server gives parts", async () => {
    assert.deepEqual(await spansAskedFor(true, "v1"), [undefined, { first: FIRST_PIECE }]);
  });

  test("the rest, though the server gives the file from the start", async () => {
    assert.deepEqual(await spansAskedFor(false, "v1"), [undefined, { first: FIRST_PIECE }]);
  });

  test("the file from the start, where nothing says that the rest would be of the same one", async () => {
    assert.deepEqual(await spansAskedFor(true, undefined), [undefined, undefined]);
  });
});
