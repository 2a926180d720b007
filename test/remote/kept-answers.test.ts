// Answers of servers that are kept, for when the servers cannot be reached.

import assert from "node:assert/strict";
import { once } from "node:events";
import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { copyCache } from "../../src/remote/copy-cache.js";
import { copyKey } from "../../src/remote/copy-place.js";
import { keptAnswers } from "../../src/remote/kept-answers.js";
import { answeredWith, unreachable } from "../../src/remote/remote-errors.js";
import { remoteReaders } from "../../src/remote/remote-options.js";
import { neverAborted } from "../../src/shared/abort.js";
import { readOptions } from "../../src/shared/options.js";
import { newFolder, quick } from "../support/remote-sets.js";

const gone = unreachable("http://server/list", new Error("reset"));

/** Answers in a new cache, and how often a server was asked. */
function newAnswers(cacheDir = newFolder()) {
  const options = quick({ cacheDir, remoteRetries: 0 });
  const answers = keptAnswers(readOptions("test", options, remoteReaders));
  let times = 0;
  const ask = (answer: unknown, question = "list", server = "server") =>
    answers.ask(server, question, async () => {
      times += 1;
      if (answer instanceof Error) throw answer;
      return answer;
    });
  return { ask, answers, cacheDir, times: () => times };
}

describe("an answer", () => {
  test("is the newest that a server gives, as JSON has it", async () => {
    const { ask, answers } = newAnswers();
    assert.deepEqual(await ask({ a: 1, b: undefined }), { a: 1 });
    assert.deepEqual(await ask({ a: 2 }), { a: 2 });
    assert.deepEqual(await answers.read("list"), { a: 2 });
    assert.equal(await answers.read("another"), undefined);
  });

  test("is the kept one where the server cannot be reached, with one warning", async () => {
    const { ask, cacheDir, times } = newAnswers();
    await ask([1]);
    const warned = once(process, "warning");
    assert.deepEqual(await ask(gone), [1]);
    const [warning] = await warned;
    assert.equal(warning.code, "PIXTOK_REMOTE_UNREACHABLE");
    assert.ok(warning.message.startsWith(`what is in ${cacheDir} is used, as `));
    assert.equal(times(), 2);
    // which is not asked again, for what there is an answer of
    assert.deepEqual(await ask([2]), [1]);
    assert.equal(times(), 2);
    assert.deepEqual(await ask([3], "another"), [3]);
    assert.deepEqual(await ask([4], "list", "other server"), [4]);
    assert.equal(times(), 4);
  });

  test("is the kept one with one warning, too, where several are asked for at the same time", async (t) => {
    const { ask, answers } = newAnswers();
    await ask([1]);
    const warn = t.mock.method(process, "emitWarning", () => {});
    let fail = () => {};
    const failed = new Promise<void>((resolve) => {
      fail = resolve;
    });
    let asked = 0;
    const failing = () =>
      answers.ask("server", "list", async () => {
        asked += 1;
        if (asked === 2) fail();
        await failed;
        throw gone;
      });
    assert.deepEqual(await Promise.all([failing(), failing()]), [[1], [1]]);
    assert.equal(warn.mock.callCount(), 1);
  });

  test("is an error where none is kept, or the server has answered", async () => {
    const { ask } = newAnswers();
    await assert.rejects(ask(gone), { code: "REMOTE_UNREACHABLE" });
    await ask([1]);
    await assert.rejects(ask(answeredWith("http://server/list", 404)), {
      code: "REMOTE_NOT_FOUND",
    });
    assert.deepEqual(await ask([2]), [2]);
  });

  test("is asked for again where what is kept has been damaged", async () => {
    const { ask, answers, cacheDir } = newAnswers();
    await ask([1]);
    const cache = await copyCache(cacheDir);
    const key = copyKey("answer", "list", undefined);
    await cache.write(key, Buffer.from("[1"), 1000, neverAborted);
    assert.equal(await answers.read("list"), undefined);
    await assert.rejects(ask(gone), { code: "REMOTE_UNREACHABLE" });
    assert.deepEqual(await ask([2]), [2]);
    assert.deepEqual(await answers.read("list"), [2]);
  });

  test("is kept for its endpoint, and written where it is another one than before", async () => {
    const { ask, cacheDir } = newAnswers();
    await ask([1]);
    const options = quick({ cacheDir, endpoint: "http://127.0.0.1:1" });
    const elsewhere = keptAnswers(readOptions("test", options, remoteReaders));
    assert.equal(await elsewhere.read("list"), undefined);
    const key = copyKey("answer", "list", undefined);
    const { ino } = statSync(join(cacheDir, "copies", key.slice(0, 2), key.slice(2)));
    await ask([1]);
    assert.equal(statSync(join(cacheDir, "copies", key.slice(0, 2), key.slice(2))).ino, ino);
  });

  test("is kept for the next process", async () => {
    const { ask, cacheDir } = newAnswers();
    await ask({ a: 1 });
    assert.deepEqual(await newAnswers(cacheDir).answers.read("list"), { a: 1 });
  });
});
