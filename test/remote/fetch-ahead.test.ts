import assert from "node:assert/strict";
import { describe, mock, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { fetchFilesAhead } from "../../src/remote/fetch-ahead.js";
import type { RemoteFile } from "../../src/remote/remote-file.js";

/** Files of 10 bytes; what of them is asked for is noted, and over at once. */
function set(count: number, cacheBytes: number) {
  const asked: number[] = [];
  const files = Array.from({ length: count }, (_, place) => ({
    size: 10,
    fetchAhead: async () => {
      asked.push(place);
    },
  }));
  const ahead = fetchFilesAhead(files as unknown as RemoteFile[], cacheBytes);
  return {
    /** Which files are asked for once files have been read. */
    async after(...places: number[]): Promise<number[]> {
      for (const place of places) {
        ahead.note(place);
        // promises that wait for nothing are all settled by then
        await setImmediate();
      }
      return asked.splice(0);
    },
    /** Which files are asked for once some are expected. */
    async expecting(...places: number[]): Promise<number[]> {
      ahead.expect(places);
      await setImmediate();
      return asked.splice(0);
    },
  };
}

describe("files are fetched ahead", () => {
  test("all of them, from the one that is read, where the cache has room for the set", async () => {
    const { after } = set(6, 1000);
    assert.deepEqual(await after(4), [5, 0, 1, 2, 3]);
    assert.deepEqual(await after(0, 3, 5), []);
  });

  test("four of a larger set, as long as they are read in their order", async () => {
    const { after } = set(100, 900);
    assert.deepEqual(await after(0), [1, 2, 3, 4]);
    assert.deepEqual(await after(0, 1), [5]);
    assert.deepEqual(await after(2, 3), [6, 7]);
  });

  test("fewer, where half of the cache has room for fewer", async () => {
    assert.deepEqual(await set(100, 50).after(0), [1, 2]);
  });

  test("also where two batches at a time go back to the file before", async () => {
    const { after } = set(100, 900);
    await after(0);
    assert.deepEqual(await after(1, 0, 1, 0, 2), [5, 6]);
  });

  test("none of a larger set that is read in another order, until it is in order again", async () => {
    const { after } = set(100, 900);
    await after(0);
    assert.deepEqual(await after(50, 7, 93, 20), []);
    assert.deepEqual(await after(21), [22, 23, 24, 25]);
    // also before what was fetched ahead
    assert.deepEqual(await after(5), []);
    assert.deepEqual(await after(6), [7, 8, 9, 10]);
  });

  test("those that are expected, once each, in whatever order they are read", async () => {
    const { after, expecting } = set(100, 900);
    assert.deepEqual(await expecting(70, 3, 41), [70, 3, 41]);
    assert.deepEqual(await after(41, 70, 3), []);
    assert.deepEqual(await expecting(3, 41, 8), [8]);
    assert.deepEqual(await expecting(70), [70]);
  });

  test("of those that are expected as many as half of the cache has room for", async () => {
    assert.deepEqual(await set(100, 50).expecting(9, 8, 7), [9, 8]);
  });

  test("up to the last byte of its share of the cache", async () => {
    assert.deepEqual(await set(9, 100).after(0), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert.deepEqual(await set(9, 99).after(0), [1, 2, 3, 4]);
    assert.deepEqual(await set(100, 40).after(0), [1, 2]);
    assert.deepEqual(await set(100, 39).after(0), [1]);
    assert.deepEqual(await set(100, 40).expecting(9, 8, 7), [9, 8]);
    assert.deepEqual(await set(100, 39).expecting(9, 8, 7), [9]);
  });

  for (const kind of ["after", "expecting"] as const) {
    test(`for ten seconds behind a file that was read (${kind})`, async (context) => {
      let now = 1_000_000;
      const clock = mock.method(performance, "now", () => now);
      context.after(() => clock.mock.restore());
      const ends: (() => void)[] = [];
      const asked: number[] = [];
      const files = Array.from({ length: 9 }, (_, place) => ({
        size: 10,
        fetchAhead: () => {
          asked.push(place);
          return new Promise<void>((end) => ends.push(end));
        },
      }));
      const ahead = fetchFilesAhead(files as unknown as RemoteFile[], 1000);
      if (kind === "after") ahead.note(0);
      else ahead.expect([1, 2, 3, 4, 5, 6, 7, 8]);
      assert.deepEqual(asked, [1, 2, 3, 4]);
      now += 9_999;
      ends[0]?.();
      await setImmediate();
      assert.deepEqual(asked, [1, 2, 3, 4, 5]);
      now += 1;
      ends[1]?.();
      await setImmediate();
      assert.deepEqual(asked, [1, 2, 3, 4, 5]);
    });
  }

  test("the next ones also behind one that cannot be fetched", async () => {
    const asked: number[] = [];
    const files = Array.from({ length: 9 }, (_, place) => ({
      size: 10,
      fetchAhead: async () => {
        asked.push(place);
        throw new Error("gone");
      },
    }));
    fetchFilesAhead(files as unknown as RemoteFile[], 1000).note(0);
    await setImmediate();
    assert.deepEqual(asked, [1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
