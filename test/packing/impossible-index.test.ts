// Indexes of a packed set that say what cannot be, with the checksum that such an index has.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { requirePlace } from "../../src/sources/packed/indexed-message.js";
import { MOST_SCHEMA_BYTES } from "../../src/sources/packed/message-list.js";
import {
  type MessagePlace,
  messageOfRow,
  type PackIndex,
  readPackIndex,
} from "../../src/sources/packed/pack-index.js";
import { appended, open, refused } from "../support/appended-packs.js";
import { savePackIndex } from "../support/save-index.js";

/** Of two versions, of three files and of two. */
const written = (async () => {
  const folder = await appended();
  return { folder, index: (await readPackIndex(folder)) as PackIndex };
})();

type Change = (index: PackIndex) => Partial<PackIndex>;
const numbers: [what: string, change: Change][] = [
  ["rows below zero", ({ rows }) => ({ rows: rows.with(1, -1) })],
  ["messages that end before they begin", ({ starts }) => ({ starts: starts.with(2, 0) })],
  ["messages behind the last", ({ starts }) => ({ starts: starts.with(5, 6) })],
];

/** One of the versions has something else. */
const withVersion =
  (place: number, other: object): Change =>
  ({ versions }) => ({
    versions: versions.with(place, {
      ...(versions[place] as PackIndex["versions"][number]),
      ...other,
    }),
  });
const versions: [what: string, change: Change][] = [
  ["a version of no more files than the one before", withVersion(1, { files: 3 })],
  ["a last version of fewer files than there are", withVersion(1, { files: 4 })],
  ["a last version of another fingerprint", withVersion(1, { fingerprint: "other" })],
  [
    "a first version of other rows than the set's",
    withVersion(0, { source: { pairs: 6, fingerprint: "other" } }),
  ],
  ["no versions", () => ({ versions: [] })],
];

test("no message is read that has no bytes, or whose schema is longer than any", () => {
  const place = { bytes: 1, schemaBytes: MOST_SCHEMA_BYTES } as MessagePlace;
  requirePlace("/a", place);
  const isInvalid = refused(
    "INVALID_PACK",
    /pixtok\.index has a message of no bytes|the index says/,
  );
  for (const other of [{ bytes: 0 }, { schemaBytes: MOST_SCHEMA_BYTES + 1 }]) {
    assert.throws(() => requirePlace("/a", { ...place, ...other }), isInvalid);
  }
});

test("no row is looked for in a file that has not the rows of its messages", () => {
  const index = (rows: number) => ({
    ...{ rows: Int32Array.of(rows), schemaBytes: Uint32Array.of(8) },
    ...{ schemaCrcs: Uint32Array.of(0), starts: Int32Array.of(0, 1) },
    messages: Uint32Array.of(100, 10, 2, 0),
  });
  const find = (rows: number, row: number) =>
    messageOfRow("/a", index(rows) as unknown as PackIndex, 0, row);
  assert.deepEqual([find(2, 1).row, find(2, 1).offset, find(2, 1).fileBytes], [1, 8, 116]);
  for (const [rows, row] of [
    [3, 1],
    [3, 2],
    [1, 0],
  ] as const) {
    const isInvalid = refused("INVALID_PACK", /it has 2 rows in file 0, and \d of it/);
    assert.throws(() => find(rows, row), isInvalid);
  }
});

describe("an index is damaged that says", () => {
  for (const [what, change] of [...numbers, ...versions]) {
    test(what, async () => {
      const { folder, index } = await written;
      await savePackIndex(folder, { ...index, ...change(index) });
      const isDamaged = refused("INVALID_PACK", /the index is damaged: .*delete it/);
      await assert.rejects(readPackIndex(folder), isDamaged);
      await assert.rejects(open(folder), isDamaged);
    });
  }
});
