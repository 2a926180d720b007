// How long is waited before something is asked for again, and what is said of a server that does not answer.

import assert from "node:assert/strict";
import { syncBuiltinESMExports } from "node:module";
import { describe, type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { refuseEncoding } from "../../src/remote/remote-answer.js";
import { answeredWith, corrupt, unreachable } from "../../src/remote/remote-errors.js";
import { withRetries } from "../../src/remote/remote-retries.js";
import { neverAborted } from "../../src/shared/abort.js";

const source = "http://server/file";

/** A clock that tests turn on; what has been imported from node:timers/promises has it, too. */
function withClock(t: TestContext, chance = 0.5) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  t.mock.method(Math, "random", () => chance);
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.timers.reset();
    syncBuiltinESMExports();
  });
  return (milliseconds: number) => t.mock.timers.tick(milliseconds);
}

/** Fails always, and says after which waits it is asked again. `chance` is what each random number is. */
function failing(t: TestContext, fault: Error, retries: number, chance?: number) {
  const pass = withClock(t, chance);
  let asked = 0;
  const asking = withRetries(retries, neverAborted, async () => {
    asked += 1;
    throw fault;
  });
  asking.catch(() => {});
  /** Whether it is asked again after so long, and not a millisecond before. */
  const isAskedAfter = async (milliseconds: number) => {
    // promises that wait for nothing are all settled by then
    await setImmediate();
    const before = asked;
    pass(milliseconds - 1);
    await setImmediate();
    if (asked !== before) return false;
    pass(1);
    await setImmediate();
    return asked === before + 1;
  };
  return { asking, isAskedAfter };
}

describe("something is asked for again", () => {
  const reset = unreachable(source, new Error("reset"));

  test("after 200 ms, then after three times as long each time, and 20 s at most", async (t) => {
    const { asking, isAskedAfter } = failing(t, reset, 6);
    for (const wait of [200, 600, 1800, 5400, 16_200, 20_000])
      assert.ok(await isAskedAfter(wait), `${wait} ms`);
    await assert.rejects(asking, reset);
  });

  for (const [chance, wait] of [
    [0, 150],
    [1, 250],
  ] as const) {
    test(`a quarter sooner or later, by chance: after ${wait} ms`, async (t) => {
      assert.ok(await failing(t, reset, 1, chance).isAskedAfter(wait));
    });
  }

  for (const [asked, wait] of [
    ["120", 120_000],
    ["0", 200],
  ] as const) {
    test(`after ${wait} ms where the server wants ${asked} seconds`, async (t) => {
      assert.ok(await failing(t, answeredWith(source, 503, asked), 1).isAskedAfter(wait));
    });
  }

  test("from the first wait on where there was progress", async (t) => {
    const pass = withClock(t);
    let asked = 0;
    const asking = withRetries(1, neverAborted, async (progress) => {
      asked += 1;
      if (asked === 4) return "all of it";
      progress();
      throw corrupt(source, "cut");
    });
    for (const times of [1, 2, 3]) {
      await setImmediate();
      assert.equal(asked, times);
      pass(200);
    }
    assert.equal(await asking, "all of it");
  });

  test("by a timer that keeps no process alive", async () => {
    const timers = () => process.getActiveResourcesInfo().filter((one) => one === "Timeout").length;
    const before = timers();
    const stop = new AbortController();
    const asking = withRetries(5, stop.signal, () => Promise.reject(reset));
    await setImmediate();
    assert.equal(timers(), before);
    stop.abort(new Error("enough"));
    await assert.rejects(asking, { name: "AbortError" });
  });

  test("not once nobody wants it, which throws the signal's reason", async () => {
    const stop = new AbortController();
    const asking = withRetries(5, stop.signal, async () => {
      stop.abort(new Error("enough"));
      throw reset;
    });
    await assert.rejects(asking, /enough/);
  });
});

describe("a server that does not answer", () => {
  const reason = (cause: unknown) => unreachable(source, cause).reason;

  test("is told with what was wrong, of several addresses with the last one", () => {
    const behind = "the server cannot be reached: ";
    assert.equal(reason(new Error("reset")), `${behind}reset`);
    const coded = Object.assign(new Error(""), { code: "ECONNREFUSED" });
    assert.equal(reason(coded), `${behind}ECONNREFUSED`);
    assert.equal(reason(new TypeError("")), `${behind}TypeError`);
    assert.equal(reason("gone"), `${behind}gone`);
    assert.equal(reason(new AggregateError([new Error("a"), coded])), `${behind}ECONNREFUSED`);
    assert.equal(reason(new AggregateError([], "none")), `${behind}none`);
  });

  test("is told with the whole seconds that it wants to be left alone for", () => {
    assert.match(answeredWith(source, 503, "90").reason, /asked again in 90 seconds$/);
    const soon = new Date(Date.now() + 30_000).toUTCString();
    assert.match(answeredWith(source, 429, soon).reason, /asked again in (29|30) seconds$/);
  });
});

test("an encoding is quoted up to forty letters", () => {
  const encoding = `gzip${"x".repeat(40)}`;
  assert.throws(() => refuseEncoding(source, `gzip, ${encoding}`), {
    reason: `the server gives the file compressed (Content-Encoding: ${`gzip, ${encoding}`.slice(0, 40)}), which was not asked for`,
  });
});
