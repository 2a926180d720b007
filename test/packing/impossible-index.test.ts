// Indexes of a packed set that say what cannot be, with the checksum that such an index has.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { requirePlace } from "../../src/sources/packed/indexed-message.js";
import { MOST_SCHEMA_BYTES } from "../../src/sources/packed/message-list.js";
import {
  type MessagePlace,
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
