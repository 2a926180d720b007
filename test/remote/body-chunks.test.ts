// What comes of a body: how long it is waited for, and what becomes of it.

import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { describe, type TestContext, test } from "node:test";
import { bodyChunks } from "../../src/remote/body-chunks.js";

const source = "http://server/file";
const [first, second] = [Buffer.from("a"), Buffer.from("b")];

/** A body that gives no more than these. */
function stalling(...given: Buffer[]): Readable {
  const body = new Readable({ read() {} });
  for (const piece of given) body.push(piece);
  return body;
}

function withClock({ mock }: TestContext) {
  mock.timers.enable({ apis: ["setTimeout"] });
  return (milliseconds: number) => mock.timers.tick(milliseconds);
}

describe("chunks of a body", () => {
  test("are those that come, to its end", async () => {
    const found: Buffer[] = [];
    for await (const piece of bodyChunks(source, Readable.from([first, second]), 1))
      found.push(piece);
    assert.deepEqual(found, [first, second]);
  });

  test("are waited for as long as is said, each", async (t) => {
    const pass = withClock(t);
    const body = stalling(first);
    const chunks = bodyChunks(source, body, 2);
    assert.deepEqual((await chunks.next()).value, first);
    const next = chunks.next();
    pass(1999);
    assert.ok(!body.destroyed);
    pass(1);
    await assert.rejects(next, {
      code: "REMOTE_UNREACHABLE",
      source,
      reason: /nothing came for 2 seconds/,
    });
    assert.ok(body.destroyed);
  });

  test("may be looked at for longer", async (t) => {
    const pass = withClock(t);
    const body = stalling(first, second);
    const chunks = bodyChunks(source, body, 2);
    await chunks.next();
    pass(60_000);
    assert.ok(!body.destroyed);
    await chunks.return(undefined);
  });

  test("are not asked for any more once nobody reads on", async () => {
    const body = stalling(first, second);
    for await (const _ of bodyChunks(source, body, 1)) break;
    assert.ok(body.destroyed);
  });
});
