// The content of an index, which is pages with a checksum each.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  contentOf,
  type KeptPages,
  PAGE_BYTES,
  PAGE_CONTENT_BYTES,
  pagesOfContent,
} from "../../src/sources/index-pages.js";

const MOST_BYTES = 2 ** 20;

/** Pages as they are stored, and how many were read at a time. */
function pagesIn(stored: Buffer, count = stored.length / PAGE_BYTES) {
  const reads: number[] = [];
  const pages: KeptPages = {
    line: "",
    count,
    async read(place, count) {
      reads.push(count);
      const bytes = Buffer.alloc(count * PAGE_BYTES);
      stored.copy(bytes, 0, place * PAGE_BYTES);
      return bytes;
    },
  };
  return { pages, reads };
}

function failing(code: string): KeptPages {
  const read = async () => {
    throw Object.assign(new Error(`${code}: as the system says, open`), { code, syscall: "open" });
  };
  return { line: "", count: 1, read };
}

const content = Buffer.from(
  Array.from({ length: 40 * PAGE_CONTENT_BYTES - 100 }, (_, i) => (i * 7919) >>> 5),
);

describe("the content of an index", () => {
  test("is read over pages, 16 at a time", async () => {
    const { pages, reads } = pagesIn(pagesOfContent(content));
    const read = contentOf(pages, MOST_BYTES);
    assert.ok((await read(0, content.length))?.equals(content));
    assert.deepEqual(reads, [16, 16, 8]);
    const [from, to] = [PAGE_CONTENT_BYTES - 5, 3 * PAGE_CONTENT_BYTES + 5];
    assert.ok((await read(from, to - from))?.equals(content.subarray(from, to)));
    assert.deepEqual(await read(100, 0), Buffer.alloc(0));
    assert.equal(reads.length, 3);
  });

  test("is not read any further than the first page that is damaged", async () => {
    const stored = pagesOfContent(content);
    stored[20 * PAGE_BYTES] = 1 + (stored[20 * PAGE_BYTES] as number);
    const { pages, reads } = pagesIn(stored, 2 ** 21);
    const read = contentOf(pages, MOST_BYTES);
    assert.equal(await read(0, 2 ** 21 * PAGE_CONTENT_BYTES), undefined);
    assert.deepEqual(reads, [16, 16]);
    const whole = 20 * PAGE_CONTENT_BYTES;
    assert.ok((await read(0, whole))?.equals(content.subarray(0, whole)));
  });

  test("is not there where its file is gone", async () => {
    assert.equal(await contentOf(failing("ENOENT"), MOST_BYTES)(0, 1), undefined);
  });

  test("is not taken for damaged where the machine is at fault", async () => {
    for (const [code, fault] of [
      ["EMFILE", "OUT_OF_FILE_DESCRIPTORS"],
      ["EIO", "STORAGE_FAILED"],
    ] as const) {
      await assert.rejects(contentOf(failing(code), MOST_BYTES)(0, 1), { code: fault });
    }
  });
});
