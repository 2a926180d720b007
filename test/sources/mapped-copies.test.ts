// Which copies of remote files stay open.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { PixtokError } from "pixtok";
import type { RemoteFile } from "../../src/remote/remote-file.js";
import type { RemoteSettings } from "../../src/remote/remote-options.js";
import type { SourceContext } from "../../src/shared/sample-context.js";
import { mappedCopies } from "../../src/sources/mapped-copies.js";

/** Copies of four files of ten bytes, and what becomes of them. */
function copiesOf(cacheBytes: number, open = (path: string) => ({ path })) {
  const log: string[] = [];
  const files = Array.from({ length: 4 }, (_, place) => ({
    size: 10,
    name: `http://server/${place}`,
    fetchAhead: async () => {},
    hold: async () => ({
      path: `/copy/${place}`,
      bytes: 10,
      release: () => void log.push(`release ${place}`),
    }),
  }));
  const settings = { cacheBytes } as RemoteSettings;
  const copies = mappedCopies(files as unknown as RemoteFile[], settings, (path) => {
    log.push(`open ${path}`);
    return open(path);
  });
  return { at: async (place: number) => copies.at(place, undefined), log };
}

describe("copies of remote files", () => {
  test("stay open up to half of the cache, to the last byte", async () => {
    const { at, log } = copiesOf(40);
    for (const place of [0, 1, 0, 1]) await at(place);
    assert.deepEqual(log, ["open /copy/0", "open /copy/1"]);
  });

  test("are let go of where the next one needs room, those first that were used longest ago", async () => {
    const { at, log } = copiesOf(40);
    for (const place of [0, 1, 0, 2, 0]) await at(place);
    assert.deepEqual(log, ["open /copy/0", "open /copy/1", "open /copy/2", "release 1"]);
    await at(1);
    assert.deepEqual(log.slice(4), ["open /copy/1", "release 2"]);
  });

  test("are open while they are the newest, however large", async () => {
    const { at, log } = copiesOf(19);
    for (const place of [0, 0, 1]) await at(place);
    assert.deepEqual(log, ["open /copy/0", "release 0", "open /copy/1", "release 1"]);
  });

  test("are released once, also where two come at the same time that are too large", async () => {
    const { at, log } = copiesOf(19);
    await Promise.all([at(0), at(1)]);
    assert.deepEqual(log, ["open /copy/0", "release 0", "open /copy/1", "release 1"]);
  });

  test("are opened once by two who ask at the same time", async () => {
    const { at, log } = copiesOf(40);
    const [one, other] = await Promise.all([at(0), at(0)]);
    assert.equal(one, other);
    assert.deepEqual(log, ["open /copy/0", "release 0"]);
  });

  test("are fetched until who asks for one is aborted", async () => {
    const signals: unknown[] = [];
    const hold = async (signal?: AbortSignal) => {
      signals.push(signal);
      return { path: "/copy", bytes: 1, release: () => {} };
    };
    const files = [{ size: 1, name: "x", fetchAhead: async () => {}, hold }];
    const settings = { cacheBytes: 9 } as RemoteSettings;
    const copies = mappedCopies(files as unknown as RemoteFile[], settings, () => ({}));
    const { signal } = new AbortController();
    await copies.at(0, { signal } as SourceContext);
    assert.deepEqual(signals, [signal]);
  });

  test("that are damaged are named as the files that they are of", async () => {
    const { at } = copiesOf(40, (path) => {
      throw new PixtokError("INVALID_ARROW", "damaged", { source: path });
    });
    await assert.rejects(at(1), { code: "INVALID_ARROW", source: "http://server/1" });
  });

  test("are released where they cannot be opened", async () => {
    const { at, log } = copiesOf(40, () => {
      throw new Error("damaged");
    });
    await assert.rejects(at(0), /damaged/);
    assert.deepEqual(log, ["open /copy/0", "release 0"]);
  });
});
