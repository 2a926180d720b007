// What several ask for at the same time is fetched once.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { type CopyCache, copyCache } from "../../src/remote/copy-cache.js";
import { fetchAhead, fetchOnce } from "../../src/remote/fetch-once.js";
import { neverAborted } from "../../src/shared/abort.js";
import { newFolder } from "../support/remote-sets.js";

/** A cache, and a copy that is fetched until `end` is called. */
async function fetching() {
  const cache = await copyCache(newFolder());
  const signals: AbortSignal[] = [];
  const { promise: begun, resolve: begin } = withResolvers();
  const { promise: ended, resolve: end } = withResolvers();
  const add = async (signal: AbortSignal) => {
    signals.push(signal);
    begin();
    await ended;
  };
  const key = "a".repeat(40);
  return {
    begun,
    end,
    signals,
    ask: (signal = neverAborted) => fetchOnce(cache, key, signal, add),
    askAhead: () => fetchAhead(cache, key, add),
  };
}

function withResolvers() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe("a copy that is being fetched", () => {
  test("is waited for by all who ask, and fetched again by who asks later", async () => {
    const { begun, end, signals, ask } = await fetching();
    const both = [ask(), ask()];
    await begun;
    end();
    await Promise.all(both);
    assert.equal(signals.length, 1);
    await ask();
    assert.equal(signals.length, 2);
  });

  test("is given up once nobody waits any more", async () => {
    const { begun, end, signals, ask } = await fetching();
    const stops = [new AbortController(), new AbortController()];
    const both = stops.map(({ signal }) => ask(signal));
    await begun;
    stops[0]?.abort();
    await assert.rejects(both[0] as Promise<void>, { name: "AbortError" });
    assert.equal(signals[0]?.aborted, false);
    stops[1]?.abort();
    await assert.rejects(both[1] as Promise<void>, { name: "AbortError" });
    assert.equal(signals[0]?.aborted, true);
    end();
  });

  test("ahead is not given up, and is what who asks then waits for", async () => {
    const { begun, end, signals, ask, askAhead } = await fetching();
    const ahead = askAhead();
    await begun;
    const stop = new AbortController();
    const asked = ask(stop.signal);
    stop.abort();
    await assert.rejects(asked, { name: "AbortError" });
    assert.equal(signals[0]?.aborted, false);
    const again = ask();
    end();
    await Promise.all([ahead, again]);
    assert.equal(signals.length, 1);
  });

  test("ahead is waited for until it is there, and what fails is told to who needs it", async () => {
    const { begun, end, askAhead } = await fetching();
    let isDone = false;
    const ahead = askAhead().then(() => {
      isDone = true;
    });
    await begun;
    await setImmediate();
    assert.equal(isDone, false);
    end();
    await ahead;
    const cache = await copyCache(newFolder());
    await fetchAhead(cache, "b".repeat(40), () => Promise.reject(new Error("cut")));
  });

  test("is fetched for each cache, whatever others fetch", { timeout: 20_000 }, async () => {
    const caches = [await fetching(), await fetching()];
    const asked = caches.map(({ ask }) => ask());
    await Promise.all(caches.map(({ begun }) => begun));
    for (const { end } of caches) end();
    await Promise.all(asked);
  });

  test("is waited for by who asks, also where one that was given up ends meanwhile", async () => {
    const cache = await copyCache(newFolder());
    const fetches = [withResolvers(), withResolvers(), withResolvers()];
    const begun = [withResolvers(), withResolvers()];
    let count = 0;
    const ask = (signal = neverAborted) =>
      fetchOnce(cache, "d".repeat(40), signal, async () => {
        count += 1;
        begun[count - 1]?.resolve();
        await fetches[count - 1]?.promise;
      });
    const stop = new AbortController();
    const first = ask(stop.signal);
    await begun[0]?.promise;
    stop.abort();
    await assert.rejects(first, { name: "AbortError" });
    const second = ask();
    fetches[0]?.resolve();
    await begun[1]?.promise;
    const third = ask();
    for (const { resolve } of fetches) resolve();
    await Promise.all([second, third]);
    assert.equal(count, 2);
  });

  test("is not fetched again that another process has added meanwhile", async () => {
    const { fetching } = await copyCache(newFolder());
    const answers = [false, true];
    const has = async () => answers.shift() as boolean;
    const cache: Partial<CopyCache> = { fetching, has };
    await fetchOnce(cache as CopyCache, "c".repeat(40), neverAborted, async () =>
      assert.fail("it is fetched"),
    );
    assert.deepEqual([answers, readdirSync(fetching)], [[], []]);
  });

  test("is not asked for by who has given up before", async () => {
    const { signals, ask } = await fetching();
    await assert.rejects(ask(AbortSignal.abort()), { name: "AbortError" });
    assert.equal(signals.length, 0);
  });
});
