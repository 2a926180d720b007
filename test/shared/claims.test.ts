// Claims on what is going to be written, apart from packs.

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, mock, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { PixtokError } from "pixtok";
import { exclusively } from "../../src/packing/exclusive-work.js";
import { inUse } from "../../src/packing/pack-in-use.js";
import { type Claim, tryClaim, tryClaimAt } from "../../src/shared/claims.js";
import { folderClaims } from "../../src/shared/folder-claims.js";
import {
  claimed,
  claimsAt,
  claimsIn,
  type FoundClaim,
  isSame,
  numberOf,
  parseClaim,
} from "../../src/shared/found-claims.js";
import { thisProcess } from "../../src/shared/process-identity.js";

const root = mkdtempSync(join(tmpdir(), "pixtok-claims-"));
after(() => rmSync(root, { recursive: true }));
const newFolder = () => mkdtempSync(join(root, "folder-"));

async function claim(path: string, terms = ""): Promise<Claim> {
  const got = await tryClaim(path, terms);
  assert.ok("claim" in got);
  return got.claim;
}

/** What a process of another machine has written. */
const text = (changes: object = {}) =>
  JSON.stringify({
    ...{ token: "other", host: "h", pid: 1, processes: "elsewhere", started: "1", terms: "t" },
    ...changes,
  });

/** A claim whose file was written so many seconds ago. */
function left(folder: string, number: number, content: string, secondsAgo = 0): string {
  const path = join(folder, `a.claim-${number}`);
  writeFileSync(path, content);
  const then = Date.now() / 1000 - secondsAgo;
  utimesSync(path, then, then);
  return path;
}

describe("a claim", () => {
  test("names its owner and terms, is held by one, and gone once it is released", async () => {
    const folder = newFolder();
    const first = await claim(join(folder, "a"), "the terms");
    assert.deepEqual(readdirSync(folder), ["a.claim-0"]);
    const content = parseClaim(readFileSync(join(folder, "a.claim-0"), "utf8"));
    assert.deepEqual(content, {
      ...thisProcess(),
      ...{ token: first.token, host: hostname(), terms: "the terms" },
    });
    const second = await tryClaim(join(folder, "a"), "");
    assert.ok("other" in second);
    assert.deepEqual([second.other.text, second.other.isLive], [content, true]);
    const another = await claim(join(folder, "b"));
    assert.notEqual(another.token, first.token);
    assert.equal(await first.isHeld(), true);
    await first.release();
    assert.deepEqual(readdirSync(folder), ["b.claim-0"]);
    await another.release();
  });

  test("of one of many who want it at once is that of one", async () => {
    const folder = newFolder();
    const got = await Promise.all([1, 2, 3, 4].map(() => tryClaim(join(folder, "a"), "")));
    assert.equal(got.filter((one) => "claim" in one).length, 1);
    for (const one of got) if ("claim" in one) await one.claim.release();
    assert.deepEqual(readdirSync(folder), []);
  });

  test("that is left takes the next number, and removes the old one", async () => {
    const folder = newFolder();
    left(folder, 7, text(), 301);
    left(folder, 3, "half", 301);
    const own = await claim(join(folder, "a"));
    assert.deepEqual(readdirSync(folder), ["a.claim-8"]);
    await own.release();
  });

  test("that another has taken over is lost, and stays the other's", async () => {
    const folder = newFolder();
    const own = await claim(join(folder, "a"));
    for (const change of [
      () => writeFileSync(join(folder, "a.claim-0"), text()),
      () => rmSync(join(folder, "a.claim-0")),
    ]) {
      change();
      assert.equal(await own.isHeld(), false);
    }
    writeFileSync(join(folder, "a.claim-0"), text());
    await own.release();
    assert.deepEqual(readdirSync(folder), ["a.claim-0"]);
  });
});

test("a claim whose place does not answer is written anew once at a time, and let go of at once", async () => {
  mock.timers.enable({ apis: ["setInterval"] });
  try {
    let renewals = 0;
    const folder = newFolder();
    const got = await tryClaimAt(
      {
        ...folderClaims(folder),
        renew: (_name, _content, signal) =>
          new Promise((_, reject) => {
            renewals += 1;
            signal.addEventListener("abort", () => reject(signal.reason));
          }),
      },
      "a",
      "",
    );
    assert.ok("claim" in got);
    for (let i = 0; i < 9; i += 1) mock.timers.tick(20_000);
    assert.equal(renewals, 1);
    await got.claim.release();
    assert.deepEqual(readdirSync(folder), []);
    mock.timers.tick(20_000);
    assert.equal(renewals, 1, "it is not written any more once it is gone");
  } finally {
    mock.timers.reset();
  }
});

test("a claim is not taken for held by a renewal that was asked for before", async () => {
  const answers: ((isThere: boolean) => void)[] = [];
  const renew = () => new Promise<boolean>((resolve) => answers.push(resolve));
  const got = await tryClaimAt({ ...folderClaims(newFolder()), renew }, "a", "");
  assert.ok("claim" in got);
  const before = got.claim.isHeld();
  while (answers.length < 1) await nextTurn();
  const after = got.claim.isHeld();
  answers[0]?.(true);
  assert.equal(await before, true);
  while (answers.length < 2) await nextTurn();
  answers[1]?.(false); // another process has taken it over since
  assert.equal(await after, false);
  await got.claim.release();
});

test("a claim that came beside another's new one is taken back, and tried again", async () => {
  const folder = newFolder();
  const own = folderClaims(folder);
  const controller = new AbortController();
  let listings = 0;
  const place = {
    ...own,
    async names() {
      listings += 1;
      if (listings === 2) left(folder, 5, text());
      return own.names();
    },
    async remove(name: string, token: string | undefined) {
      await own.remove(name, token);
      controller.abort(new Error("before it is tried again"));
    },
  };
  await assert.rejects(tryClaimAt(place, "a", "", controller.signal), /before it is tried again/);
  assert.deepEqual(readdirSync(folder), ["a.claim-5"]);
});

test("a claim is taken back where nobody can say whether another came beside it", async () => {
  const folder = newFolder();
  const own = folderClaims(folder);
  let listings = 0;
  const names = () => {
    listings += 1;
    return listings === 1 ? own.names() : Promise.reject(new Error("the disk has failed"));
  };
  await assert.rejects(tryClaimAt({ ...own, names }, "a", ""), /the disk has failed/);
  assert.deepEqual(readdirSync(folder), []);
});

test("a claim that was left is removed by its token, so that none in its place is", async () => {
  const folder = newFolder();
  left(folder, 3, text({ token: "who left it" }), 301);
  const removed: unknown[] = [];
  const own = folderClaims(folder);
  const got = await tryClaimAt(
    {
      ...own,
      remove: (name, token) => {
        removed.push([name, token]);
        return own.remove(name, token);
      },
    },
    "a",
    "",
  );
  assert.ok("claim" in got);
  assert.deepEqual(removed, [["a.claim-3", "who left it"]]);
  await got.claim.release();
});

describe("claims in a folder", () => {
  test("are live for five minutes, or until their process has ended", async () => {
    const folder = newFolder();
    const own = thisProcess();
    left(folder, 0, text(), 39);
    left(folder, 1, text(), 290);
    left(folder, 2, text(), 301);
    left(folder, 3, "{", 10);
    left(folder, 4, text({ ...own, started: "0" }));
    left(folder, 5, text(own), 100);
    left(folder, 6, text(), -10_000);
    for (const name of ["a", "a.claim-", "a.claim-x", ".claim-1"])
      writeFileSync(join(folder, name), "");
    const found = await claimsIn(folder);
    const live = found
      .filter(({ isLive }) => isLive)
      .map(numberOf)
      .sort();
    // a clock that is ahead makes it live
    const isKnown = own.started !== "";
    assert.deepEqual(live, isKnown ? [0, 1, 3, 5, 6] : [0, 1, 3, 4, 5, 6]);
    assert.deepEqual(found.map(numberOf).sort(), [0, 1, 2, 3, 4, 5, 6]);
    assert.ok(found.every((one) => claimed(one) === "a"));
    assert.equal(found.find((one) => numberOf(one) === 3)?.text, null);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith("time")),
      [],
    );
  });

  test("are as old as the clock of their place says, also where this machine's is behind", async () => {
    const written = Date.now() + 3_600_000;
    const isLiveAfter = async (milliseconds: number) => {
      const now = async () => written + milliseconds;
      const read = async () => ({ content: text(), written, now });
      const place = { ...folderClaims(newFolder()), names: async () => ["a.claim-0"], read };
      return (await claimsAt(place)).map(({ isLive }) => isLive);
    };
    assert.deepEqual([await isLiveAfter(290_000), await isLiveAfter(301_000)], [[true], [false]]);
  });

  test("are read as they were written, or are none", () => {
    assert.equal(parseClaim(text())?.terms, "t");
    for (const content of ["", "5", "null", "[]", text({ pid: "1" })])
      assert.equal(parseClaim(content), null);
    for (const name of ["token", "host", "processes", "started", "terms"])
      assert.equal(parseClaim(text({ [name]: 1 })), null, name);
  });

  test("are the same by path and token", () => {
    const one: FoundClaim = { path: "/f/a.claim-1", isLive: true, text: parseClaim(text()) };
    assert.equal(isSame(one, { ...one, isLive: false }), true);
    assert.equal(isSame(one, { ...one, path: "/f/a.claim-2" }), false);
    assert.equal(isSame(one, { ...one, text: parseClaim(text({ token: "x" })) }), false);
    assert.equal(isSame(one, { ...one, text: null }), false);
    assert.deepEqual(
      [numberOf({ path: "/f/a.claim-12" }), claimed({ path: "/f/a.b.claim-12" })],
      [12, "a.b"],
    );
    assert.deepEqual([numberOf({ path: "/f/a" }), claimed({ path: "/f/a" })], [-1, ""]);
    assert.match(inUse("/f", one).message, /process 1 on h is packing the same files/);
    assert.match(inUse("/f", { ...one, text: null }).message, /another process is packing/);
  });
});

describe("work that one process may do at a time", () => {
  test("is done in turn, and lets others go on where it fails", async () => {
    const folder = newFolder();
    const claims = folderClaims(folder);
    let [underWay, most] = [0, 0];
    const work = async (value: number) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await claimsIn(root);
      underWay -= 1;
      if (value === 1) throw new Error("it failed");
      return value;
    };
    const settled = await Promise.allSettled(
      [0, 1, 2].map((value) => exclusively(claims, "a", folder, undefined, () => work(value))),
    );
    assert.deepEqual(
      settled.map((one) => (one.status === "fulfilled" ? one.value : one.reason.message)),
      [0, "it failed", 2],
    );
    assert.equal(most, 1);
  });

  test("is given up at a signal", async () => {
    const folder = newFolder();
    const claims = folderClaims(folder);
    left(folder, 0, text());
    const controller = new AbortController();
    const never = async () => assert.fail("it is not done");
    const waiting = exclusively(claims, "a", folder, controller.signal, never);
    const reason = new PixtokError("PACK_IN_USE", "enough");
    controller.abort(reason);
    await assert.rejects(waiting, (error) => error === reason);
    const ended = exclusively(claims, "a", folder, AbortSignal.abort(), never);
    await assert.rejects(ended, { name: "AbortError" });
  });
});
