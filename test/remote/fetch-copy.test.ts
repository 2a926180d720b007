// How a remote file becomes a copy: what is asked for after a connection broke.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, describe, test } from "node:test";
import { crc32 } from "node:zlib";
import { type FetchedFile, fetchCopy } from "../../src/remote/fetch-copy.js";
import type { ByteSpan, Checksum } from "../../src/remote/remote-answer.js";
import { answeredWith } from "../../src/remote/remote-errors.js";
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
async function spansAskedFor(
  givesParts: boolean,
  validator: string | undefined,
  known: Partial<FetchedFile> = {},
) {
  const spans: (ByteSpan | undefined)[] = [];
  const path = join(folder, `${givesParts} ${validator}`);
  const facts = { size: content.length, validator, checksum: undefined };
  const copying = fetchCopy(
    {
      ...facts,
      ...known,
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

  test("the rest, also where its first answer alone says which file it is", async () => {
    const known = { size: undefined, validator: undefined };
    assert.deepEqual(await spansAskedFor(true, "v1", known), [undefined, { first: FIRST_PIECE }]);
  });

  test("the rest, though the server gives the file from the start", async () => {
    assert.deepEqual(await spansAskedFor(false, "v1"), [undefined, { first: FIRST_PIECE }]);
  });

  test("the file from the start, where nothing says that the rest would be of the same one", async () => {
    assert.deepEqual(await spansAskedFor(true, undefined), [undefined, undefined]);
    const spans: (ByteSpan | undefined)[] = [];
    const request: FetchedFile["request"] = async (span) => {
      spans.push(span);
      const body = spans.length === 1 ? brokenAfter(content.subarray(0, 20)) : shorter();
      return { size: undefined, validator: "v1", checksum: undefined, first: 0, body };
    };
    const shorter = () => Readable.from([content.subarray(0, 10)]);
    const { bytes } = await fetched([], { size: undefined, retries: 1, request });
    // nothing is left of what came before
    assert.deepEqual([spans, bytes], [[undefined, undefined], content.subarray(0, 10)]);
  });
});

const sums = {
  sha256: createHash("sha256").update(content).digest("hex"),
  md5: createHash("md5").update(content).digest("hex"),
  crc32: crc32(content).toString(16).padStart(8, "0"),
  "git-sha1": createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex"),
} as const;

/** Fetches bodies in their order, one for each request; each is given from where it was asked for. */
async function fetched(bodies: readonly (() => Readable)[], more: Partial<FetchedFile> = {}) {
  const path = join(folder, "fetched");
  const sizes: number[] = [];
  let asked = 0;
  const facts = { size: content.length, validator: "v1", checksum: undefined };
  await stayAlive(
    fetchCopy(
      {
        ...facts,
        source: "http://server/file",
        retries: 0,
        timeoutSeconds: 60,
        signal: new AbortController().signal,
        request: async (span) => {
          const body = (bodies[asked] as () => Readable)();
          asked += 1;
          return { ...facts, first: span?.first ?? 0, body };
        },
        ...more,
      },
      path,
      async (bytes) => {
        sizes.push(bytes);
      },
    ),
  );
  return { bytes: readFileSync(path), sizes };
}

const whole = () => Readable.from([content]);

describe("a copy is of what was to come", () => {
  for (const [algorithm, digest] of Object.entries(sums) as [Checksum["algorithm"], string][]) {
    test(`by its ${algorithm}`, async () => {
      const { bytes } = await fetched([whole], { checksum: { algorithm, digest } });
      assert.deepEqual(bytes, content);
      const other = { algorithm, digest: "0".repeat(digest.length) };
      await assert.rejects(fetched([whole], { checksum: other }), {
        code: "REMOTE_CORRUPT_FILE",
        message: new RegExp(`another checksum \\(${algorithm}\\)`),
      });
    });
  }

  test("by its checksum, also where a connection breaks", async () => {
    const checksum = { algorithm: "sha256", digest: sums.sha256 } as const;
    const start = () => brokenAfter(content.subarray(0, FIRST_PIECE));
    const rest = () => Readable.from([content.subarray(FIRST_PIECE)]);
    assert.deepEqual((await fetched([start, rest], { checksum, retries: 1 })).bytes, content);
    const facts = { size: content.length, validator: "v1", checksum, first: 0 };
    const bodies = [start, whole];
    const request = async () => ({ ...facts, body: (bodies.shift() as typeof whole)() });
    assert.deepEqual((await fetched([], { retries: 1, request })).bytes, content);
    // from the start again: what came before does not count
    bodies.push(start, whole);
    assert.deepEqual((await fetched([], { retries: 1, checksum, request })).bytes, content);
    bodies.push(() => Readable.from([Buffer.from(content).fill(0)]));
    await assert.rejects(fetched([], { request }), { code: "REMOTE_CORRUPT_FILE" });
  });

  test("by its size: neither fewer bytes nor more", async () => {
    await assert.rejects(fetched([whole], { size: content.length + 1 }), {
      code: "SOURCE_CHANGED",
    });
    await assert.rejects(fetched([() => Readable.from([content.subarray(1)])]), {
      code: "REMOTE_CORRUPT_FILE",
      message: new RegExp(`${content.length - 1} of ${content.length} bytes came`),
    });
    await assert.rejects(fetched([() => Readable.from([content, Buffer.from("!")])]), {
      code: "REMOTE_CORRUPT_FILE",
      message: new RegExp(`more than the ${content.length} bytes`),
    });
  });

  test("by its validator", async () => {
    const body = whole();
    await assert.rejects(fetched([() => body], { validator: "v2" }), { code: "SOURCE_CHANGED" });
    assert.ok(body.destroyed, "its connection is kept");
  });

  test("by the validator of its first answer, where none was known before", async () => {
    const bodies = [brokenAfter(content.subarray(0, FIRST_PIECE)), whole()];
    const answers = ["v1", "v2"].map((validator, i) => {
      const body = bodies[i] as Readable;
      return { size: content.length, validator, checksum: undefined, first: 0, body };
    });
    const request = async () => answers.shift() as (typeof answers)[0];
    const fetching = fetched([], { validator: undefined, retries: 1, request });
    await assert.rejects(fetching, { code: "SOURCE_CHANGED" });
    assert.ok(bodies[1]?.destroyed, "its connection is kept");
  });

  test("and begins where it was asked for", async () => {
    const body = whole();
    const request = async () => {
      return { size: content.length, validator: "v1", checksum: undefined, first: 3, body };
    };
    await assert.rejects(fetched([], { request }), {
      code: "REMOTE_CORRUPT_FILE",
      message: /from 3 on, not from 0/,
    });
    assert.ok(body.destroyed, "its connection is kept");
  });

  test("and is told of before it grows", async () => {
    assert.deepEqual((await fetched([whole])).sizes, [content.length]);
  });

  test("and is written a MiB at a time", async () => {
    const pieces = [1, 2, 3, 4, 5].map((byte) => Buffer.alloc(2 ** 19, byte));
    const large = Buffer.concat(pieces);
    const size = large.length;
    const request = async () => {
      return { size, validator: "v1", checksum: undefined, first: 0, body: Readable.from(pieces) };
    };
    const { bytes, sizes } = await fetched([], { size, request });
    assert.deepEqual([sizes, bytes.equals(large)], [[2 ** 20, 2 ** 21, 5 * 2 ** 19], true]);
  });

  test("and is a change where it was there and is not any more", async () => {
    const gone = async () => {
      throw answeredWith("http://server/file", 404);
    };
    const unknown = { size: undefined, validator: undefined };
    for (const known of [{}, { size: undefined }, { validator: undefined }])
      await assert.rejects(fetched([], { ...known, request: gone }), { code: "SOURCE_CHANGED" });
    await assert.rejects(fetched([], { ...unknown, request: gone }), { code: "REMOTE_NOT_FOUND" });
  });
});

describe("a server that breaks off", () => {
  const upTo = (from: number, to: number) => () => brokenAfter(content.subarray(from, to));

  test("further on each time is asked for as long as it takes", async () => {
    const { bytes, sizes } = await fetched(
      [upTo(0, 10), upTo(10, 20), () => Readable.from([content.subarray(20)])],
      { retries: 1 },
    );
    assert.deepEqual(bytes, content);
    assert.deepEqual(sizes, [10, 20, content.length]);
  });

  test("at the same place each time is given up", async () => {
    const known = { validator: undefined, size: undefined };
    const request = async () => ({ ...known, checksum: undefined, first: 0, body: upTo(0, 10)() });
    await assert.rejects(fetched([], { ...known, retries: 1, request }), {
      code: "REMOTE_UNREACHABLE",
    });
  });
});

test("a copy that nobody wants any more is not asked for again, and the reason is told", async () => {
  const controller = new AbortController();
  const request = async () => {
    // while it is waited for the next time
    setImmediate(() => controller.abort(new Error("nobody wants it")));
    throw answeredWith("http://server/file", 503, undefined);
  };
  const { signal } = controller;
  const known = { size: undefined, validator: undefined };
  await assert.rejects(fetched([], { ...known, retries: 1, signal, request }), /^Error: nobody/);
});

test("a copy that nobody wants any more is not fetched to its end", async () => {
  const controller = new AbortController();
  const piece = Buffer.alloc(2 ** 20);
  let given = 0;
  const body = new Readable({
    highWaterMark: 1,
    read() {
      given += 1;
      if (given === 2) controller.abort(new Error("nobody wants it"));
      this.push(given > 4 ? null : piece);
    },
  });
  const known = { size: undefined, validator: undefined };
  const request = async () => ({ ...known, checksum: undefined, first: 0, body });
  const { signal } = controller;
  await assert.rejects(fetched([], { ...known, signal, request }), /nobody wants it/);
  assert.ok(given < 4, `${given} pieces were taken`);
});
