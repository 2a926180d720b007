// Claims that are objects of a bucket, apart from the sets that are packed by them.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { bucketClaims } from "../../src/packing/bucket-claims.js";
import { tryClaimAt } from "../../src/shared/claims.js";
import { claimsAt, nameOfClaim } from "../../src/shared/found-claims.js";
import { closedServers } from "../support/closed-servers.js";
import { type S3Server, s3Environment, startS3 } from "../support/s3-server.js";

Object.assign(process.env, s3Environment);
const start = closedServers(startS3);
const serve = () => start({});
const signal = new AbortController().signal;

const placeIn = (server: S3Server, url = "s3://sets/a") =>
  bucketClaims(url, { endpoint: server.url, timeoutSeconds: 5, remoteRetries: 2 });

/** What a process of another machine has written. */
const text = (token: string) =>
  JSON.stringify({ token, host: "h", pid: 1, processes: "elsewhere", started: "1", terms: "" });

async function claim(server: S3Server, name = "pack") {
  const got = await tryClaimAt(placeIn(server), name, "");
  assert.ok("claim" in got);
  return got.claim;
}

describe("claims in a bucket", () => {
  test("are objects that have the names of claims, and none of folders below", async () => {
    const server = await serve();
    for (const name of [
      ...["pack.claim-0", "files-0-to-1-of-2.claim-3", "files-of-mine.claim-1", "pack.claim-x"],
      ...["files-2024/pack.claim-0", "files-2024/files-0-to-1-of-2.claim-0", "files-1.claim-1"],
    ]) {
      server.objects.set(`sets/${name}`, Buffer.from(text("other")));
    }
    const found = await claimsAt(placeIn(server, "s3://sets"));
    assert.deepEqual(found.map(nameOfClaim).sort(), ["files-0-to-1-of-2.claim-3", "pack.claim-0"]);
  });

  test("are found by what they are on, and others not asked for", async () => {
    const server = await serve();
    for (const name of ["pack.claim-0", "files-0-to-1-of-2.claim-3", "files-0-to-1-of-2.claim-4"]) {
      server.objects.set(`sets/a/${name}`, Buffer.from(text("other")));
    }
    const found = await claimsAt(placeIn(server), "pack");
    assert.deepEqual(found.map(nameOfClaim), ["pack.claim-0"]);
    assert.equal(server.requests.length, 2);
  });

  test("are not those of a process that has made one of the same name since", async () => {
    const server = await serve();
    const own = await claim(server);
    let deleted = 0;
    server.fault = (asked) => {
      if (!asked.startsWith("DELETE")) {
        // who comes while the answer is on its way
        if (deleted === 1) server.objects.set("sets/a/pack.claim-0", Buffer.from(text("third")));
        return undefined;
      }
      deleted += 1;
      return "lost";
    };
    await own.release();
    assert.equal(deleted, 1);
    assert.ok(server.objects.has("sets/a/pack.claim-0"));
  });

  test("are not those of a process that has taken one over in an outage", async () => {
    const server = await serve();
    const own = await claim(server);
    server.fault = () => 503;
    assert.equal(await own.isHeld(), true);
    server.fault = () => undefined;
    server.objects.set("sets/a/pack.claim-0", Buffer.from(text("third")));
    await own.release();
    assert.ok(server.objects.has("sets/a/pack.claim-0"));
  });

  test("are held where the answer to a renewal was lost, whatever ETag it has given them", async () => {
    const server = await serve();
    const own = await claim(server);
    server.fault = (asked) => (asked.startsWith("PUT") ? 412 : undefined);
    assert.equal(await own.isHeld(), true);
    server.objects.set("sets/a/pack.claim-0", Buffer.from(text("other")));
    assert.equal(await own.isHeld(), false);
    await own.release();
    assert.ok(server.objects.has("sets/a/pack.claim-0"));
  });

  for (const [what, fault] of [
    ["is tried with it", (asked: string, puts: number) => asked.startsWith("PUT") && puts > 1],
    ["lists its rivals", (asked: string, puts: number) => asked.includes("list-type") && puts > 0],
  ] as const) {
    test(`are not left where a store refuses while it ${what}`, async () => {
      const server = await serve();
      let puts = 0;
      server.fault = (asked) => {
        if (asked.startsWith("PUT")) puts += 1;
        return fault(asked, puts) ? 403 : undefined;
      };
      await assert.rejects(tryClaimAt(placeIn(server), "pack", ""), { code: "REMOTE_REFUSED" });
      assert.deepEqual([...server.objects.keys()], []);
    });
  }

  test("are refused by a store that says that each is there already", async () => {
    const server = await serve();
    server.fault = (asked) => (asked.startsWith("PUT") ? 412 : undefined);
    const place = placeIn(server);
    const attempt = () => tryClaimAt({ ...place, pollMs: 1 }, "pack", "");
    await assert.rejects(attempt(), { code: "REMOTE_REFUSED", message: /If-None-Match/ });
  });

  test("are not waited for after a signal", async () => {
    const server = await serve();
    const stop = new AbortController();
    const reason = new Error("enough");
    server.fault = (asked) => {
      if (!asked.startsWith("PUT")) return undefined;
      stop.abort(reason);
      return 412;
    };
    const attempt = tryClaimAt(placeIn(server), "pack", "", stop.signal);
    await assert.rejects(attempt, (error) => error === reason);
  });

  test("are given up at once where their renewal is not answered", async () => {
    const server = await serve();
    const stop = new AbortController();
    const place = placeIn(server);
    const content = text("own");
    assert.ok(await place.create("pack.claim-0", content));
    server.isSilent = (asked) => {
      if (!asked.startsWith("PUT")) return false;
      stop.abort(new Error("enough"));
      return true;
    };
    await assert.rejects(place.renew("pack.claim-0", content, stop.signal), /enough/);
    server.isSilent = () => false;
    server.fault = () => 503;
    server.requests.length = 0;
    await assert.rejects(place.renew("pack.claim-0", content, signal), {
      code: "REMOTE_UNREACHABLE",
    });
    assert.equal(server.requests.length, 1);
  });
});
