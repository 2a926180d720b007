// Parts of the cache of copies, each by itself.

import assert from "node:assert/strict";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import files from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { basename, join } from "node:path";
import { describe, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { copyCache, type NewCopy } from "../../src/remote/copy-cache.js";
import { bytesUnderWay, storedCopies } from "../../src/remote/copy-sizes.js";
import { timeOfCopy } from "../../src/remote/copy-time.js";
import { addUser, liveUsers } from "../../src/remote/copy-users.js";
import { answeredWith, corrupt, unreachable } from "../../src/remote/remote-errors.js";
import { withRetries } from "../../src/remote/remote-retries.js";
import { stayAlive } from "../../src/remote/stay-alive.js";
import { workingSet } from "../../src/remote/working-set.js";
import { neverAborted } from "../../src/shared/abort.js";
import { limitAtOnce } from "../../src/shared/limit-at-once.js";
import { cannotList, openBelow } from "../support/open-files.js";
import { newFolder } from "../support/remote-sets.js";
import { key, storeCopies } from "../support/stored-copies.js";

describe("users of a cache", () => {
  test("are those who live; what others have left is removed, and nothing else", async () => {
    const users = join(newFolder(), "users");
    const own = await addUser(users);
    const dead = join(users, "user-0123456789ab");
    const others = ["user-0123456789abc", "notes", "user-XYZ3456789ab"];
    for (const name of [basename(dead), ...others]) {
      mkdirSync(join(users, name));
      writeFileSync(join(users, name, "file"), "a");
    }
    assert.deepEqual(await liveUsers(users), [own]);
    assert.ok(existsSync(own));
    assert.ok(!existsSync(dead));
    for (const name of others) assert.ok(existsSync(join(users, name, "file")), name);
  });

  test("are none whose process has ended, whatever claims it has left", async () => {
    const users = join(newFolder(), "users");
    const own = await addUser(users);
    const dead = join(users, "user-0123456789ab");
    mkdirSync(dead);
    const claim = JSON.parse(readFileSync(`${own}.claim-0`, "utf8"));
    // another process has got its number since
    writeFileSync(`${dead}.claim-0`, JSON.stringify({ ...claim, token: "dead", started: "0" }));
    assert.deepEqual(await liveUsers(users), [own]);
    assert.deepEqual(readdirSync(users).sort(), [basename(own), `${basename(own)}.claim-0`].sort());
  });

  test("are those of other machines as well, and those who have not come to their claim for long", async () => {
    const users = join(newFolder(), "users");
    const own = await addUser(users);
    const elsewhere = join(users, "user-0123456789ab");
    mkdirSync(elsewhere);
    const claim = JSON.parse(readFileSync(`${own}.claim-0`, "utf8"));
    const other = JSON.stringify({ ...claim, token: "other", processes: "another machine" });
    writeFileSync(`${elsewhere}.claim-0`, other);
    assert.deepEqual((await liveUsers(users)).sort(), [elsewhere, own].sort());
    // years ago: of processes elsewhere nothing else is known, and this one is running
    for (const folder of [own, elsewhere]) utimesSync(`${folder}.claim-0`, 1000, 1000);
    assert.deepEqual(await liveUsers(users), [own]);
  });

  test("each have a folder of their own", async () => {
    const users = join(newFolder(), "users");
    const both = await Promise.all([addUser(users), addUser(users)]);
    assert.deepEqual((await liveUsers(users)).sort(), both.sort());
    assert.match(basename(both[0] as string), /^user-[0-9a-f]{12}$/);
  });
});

describe("copies of a cache", () => {
  test("are the files by their keys, with their sizes, links and when they were used", async () => {
    const folder = newFolder();
    storeCopies(folder, { [key("a")]: 5, [key("b")]: 7 });
    writeFileSync(join(folder, "aa", "other"), "a");
    mkdirSync(join(folder, "aa", "c".repeat(38)));
    mkdirSync(join(folder, "abc"));
    writeFileSync(join(folder, "abc", "a".repeat(38)), "a");
    const path = (digit: string) => join(folder, digit.repeat(2), digit.repeat(38));
    linkSync(path("b"), join(newFolder(), "link"));
    const found = await storedCopies(folder);
    assert.deepEqual(
      found.sort((one, other) => one.used - other.used),
      [
        { key: key("a"), path: path("a"), bytes: 5, used: 1_000_000, links: 1 },
        { key: key("b"), path: path("b"), bytes: 7, used: 1_001_000, links: 2 },
      ],
    );
    assert.deepEqual(await storedCopies(join(folder, "none")), []);
  });

  test("that are on their way are the files that nobody else has", async () => {
    const user = newFolder();
    writeFileSync(join(user, "a"), Buffer.alloc(5));
    writeFileSync(join(user, "b"), Buffer.alloc(7));
    writeFileSync(join(user, "c"), Buffer.alloc(11));
    linkSync(join(user, "c"), join(newFolder(), "link"));
    assert.equal(await bytesUnderWay(user), 12);
    assert.equal(await bytesUnderWay(join(user, "none")), 0);
  });
});

test("a copy of unknown size is made in a cache of less than 16 MiB, too", async () => {
  const folder = newFolder();
  const cache = await copyCache(folder);
  await cache.add(key("a"), {
    bytes: undefined,
    most: 100,
    signal: neverAborted,
    write: async (path, grow) => {
      await grow(60);
      await grow(100);
      writeFileSync(path, Buffer.alloc(100));
    },
  });
  assert.equal((await storedCopies(join(folder, "copies")))[0]?.bytes, 100);
});

test("a copy of unknown size has room for 16 MiB more than it needs, once", async () => {
  const folder = newFolder();
  const cache = await copyCache(folder);
  const most = 2 ** 24 + 100;
  const copy = (bytes: number | undefined, write: NewCopy["write"]): NewCopy => ({
    bytes,
    most,
    signal: neverAborted,
    write,
  });
  await cache.add(
    key("a"),
    copy(undefined, async (path, grow) => {
      for (const bytes of [1, 2, 2 ** 24]) await grow(bytes);
      // what is left of the cache is still another's
      const other = async (at: string) => writeFileSync(at, Buffer.alloc(100));
      await cache.add(key("b"), copy(100, other));
      writeFileSync(path, "ab");
    }),
  );
  assert.deepEqual(
    (await storedCopies(join(folder, "copies"))).map(({ bytes }) => bytes).sort(),
    [100, 2],
  );
});

describe("a cache", () => {
  const most = 250;
  const cacheOf = async (folder = newFolder()) => {
    const cache = await copyCache(folder);
    const pathOf = (digit: string) =>
      join(folder, "copies", key(digit).slice(0, 2), key(digit).slice(2));
    const put = (
      digit: string,
      write = async (path: string) => writeFileSync(path, digit.repeat(100)),
    ) => stayAlive(cache.add(key(digit), { bytes: 100, most, signal: neverAborted, write }));
    const note = (digit: string, bytes = 100) =>
      cache.write(key(digit), Buffer.alloc(bytes, digit), most, neverAborted);
    const has = async (...digits: string[]) => {
      const found = await Promise.all(digits.map((digit) => cache.has(key(digit))));
      return digits.filter((_, i) => found[i]).join("");
    };
    return { cache, folder, pathOf, put, note, has };
  };

  test("has a copy once that two have made", async () => {
    const { put, has, folder } = await cacheOf();
    await put("a");
    await put("a");
    await put("b");
    assert.equal(await has("a", "b"), "ab");
    const [user = ""] = readdirSync(join(folder, "users")).filter((name) => !/claim/.test(name));
    assert.equal(readdirSync(join(folder, "users", user)).length, 2);
  });

  test("has the room again of what was not written whole", async () => {
    const { put, note, has } = await cacheOf();
    const failing = async () => {
      throw new Error("cut");
    };
    for (const digit of ["a", "b", "c"]) await assert.rejects(put(digit, failing), /cut/);
    await note("d", 251);
    await note("e", 250);
    assert.equal(await has("d", "e"), "e");
  });

  test("counts small copies, and makes room for them", async () => {
    const { note, has, pathOf } = await cacheOf();
    for (const [at, digit] of ["a", "b"].entries()) {
      await note(digit);
      utimesSync(pathOf(digit), 1000 + at, statSync(pathOf(digit)).mtimeMs / 1000);
    }
    await note("c");
    assert.equal(await has("a", "b", "c"), "bc");
  });

  test("that is all in use makes a small copy wait for nobody, and another as long as is said", async (t) => {
    const { cache, put, has } = await cacheOf();
    for (const digit of ["a", "b"]) {
      await put(digit);
      await cache.take(key(digit));
    }
    const { signal } = new AbortController();
    let looks = 0;
    t.mock.method(signal, "throwIfAborted", () => {
      looks += 1;
      if (looks > 1) throw new Error("it waits");
    });
    await stayAlive(cache.write(key("c"), Buffer.alloc(100), most, signal));
    assert.equal(await has("c"), "");
    looks = 0;
    const write = async () => assert.fail("it is written");
    const added = cache.add(key("c"), { bytes: 100, most, signal, mostWaitMs: 0, write });
    await assert.rejects(stayAlive(added), { code: "CACHE_FULL" });
  });

  test("notes that a small copy was used once in a minute, and not that it was changed", async (t) => {
    const { note, cache, pathOf } = await cacheOf();
    await note("a");
    const { mtimeMs, atimeMs } = statSync(pathOf("a"));
    t.mock.timers.enable({ apis: ["Date"], now: atimeMs + 50_000 });
    const readAfter = async (seconds: number) => {
      t.mock.timers.setTime(atimeMs + 1000 * seconds);
      await cache.read(key("a"));
      const stats = statSync(pathOf("a"));
      assert.equal(stats.mtimeMs, mtimeMs);
      return Math.round((stats.atimeMs - atimeMs) / 1000);
    };
    // the file system may note it, too
    assert.ok((await readAfter(55)) < 50);
    assert.equal(await readAfter(130), 130);
  });

  test("leaves no file open", { skip: cannotList }, async () => {
    const { put, note, cache, folder } = await cacheOf();
    await put("a");
    await note("b");
    assert.ok((await cache.read(key("b"))) !== undefined);
    (await cache.take(key("a")))?.release();
    assert.deepEqual(openBelow(folder), []);
  });

  test("is opened again where it could not be opened", async () => {
    const folder = join(newFolder(), "cache");
    writeFileSync(folder, "");
    await assert.rejects(cacheOf(folder), { code: "FILE_UNWRITABLE" });
    rmSync(folder);
    assert.equal(await (await cacheOf(folder)).has("a"), "");
  });

  for (const [code, error] of [
    ["ENOTSUP", { code: "FILE_UNWRITABLE", message: /has no hard links.*set cacheDir/ }],
    ["EMLINK", { code: "FILE_UNWRITABLE", reason: /^EMLINK/ }],
  ] as const) {
    test(`has nothing of a copy that ${code} keeps from being linked`, async (t) => {
      const { put, has, folder } = await cacheOf();
      t.mock.method(files, "link", () =>
        Promise.reject(Object.assign(new Error(code), { code, syscall: "link" })),
      );
      syncBuiltinESMExports();
      t.after(() => {
        t.mock.reset();
        syncBuiltinESMExports();
      });
      await assert.rejects(put("a"), error);
      assert.equal(await has("a"), "");
      const [user = ""] = readdirSync(join(folder, "users")).filter((name) => !/claim/.test(name));
      assert.deepEqual(readdirSync(join(folder, "users", user)), []);
    });
  }

  test("gives copies a time of the years 2001 to 2016 that their keys decide", () => {
    assert.equal(timeOfCopy(key("0")), 1_000_000_000);
    assert.equal(
      timeOfCopy(`ffffffff${"0".repeat(32)}`),
      1_000_000_000 + ((2 ** 32 - 1) % 500_000_000),
    );
    assert.equal(timeOfCopy(`00000001${"f".repeat(32)}`), 1_000_000_001);
  });
});

test("files that have been read lately count once, and 1024 reads are looked back on", () => {
  const set = workingSet([5, 7, 11]);
  assert.equal(set.bytes, 0);
  set.note(0);
  set.note(1);
  set.note(0);
  assert.equal(set.bytes, 12);
  for (let i = 0; i < 1022; i += 1) set.note(2);
  // the first read is out of sight, and file 0 was read once more
  assert.equal(set.bytes, 23);
  set.note(2);
  assert.equal(set.bytes, 16);
  set.note(2);
  assert.equal(set.bytes, 11);
});

test("work beyond a limit waits for its turn, and a failure gives way to the next", async () => {
  const limited = limitAtOnce(2);
  const log: string[] = [];
  const ends: (() => void)[] = [];
  const work = (name: string, fails = false) =>
    limited(async () => {
      log.push(name);
      await new Promise<void>((end) => ends.push(end));
      if (fails) throw new Error(name);
    });
  const all = [work("a", true), work("b"), work("c"), work("d")];
  const results = Promise.allSettled(all);
  assert.deepEqual(log, ["a", "b"]);
  ends[0]?.();
  await assert.rejects(all[0] as Promise<void>);
  assert.deepEqual(log, ["a", "b", "c"]);
  ends[1]?.();
  await all[1];
  assert.deepEqual(log, ["a", "b", "c", "d"]);
  // whose turn has come is under way, too
  all.push(work("late"));
  assert.equal(log.length, 4);
  for (const end of ends) end();
  while (ends.length < 5) await setImmediate();
  ends[4]?.();
  await results;
  const last = work("e");
  assert.equal(log.at(-1), "e");
  ends.at(-1)?.();
  await last;
});

describe("what fails is asked for again", () => {
  const source = "http://server/file";
  const unknownHost = unreachable(source, Object.assign(new Error("no"), { code: "ENOTFOUND" }));

  /** How often something is asked for that always fails so. */
  async function timesAsked(fault: Error, retries: number): Promise<number> {
    let times = 0;
    const asking = withRetries(retries, neverAborted, async () => {
      times += 1;
      throw fault;
    });
    await assert.rejects(stayAlive(asking), (error) => error === fault);
    return times;
  }

  test("as often as is said, where it may pass", async () => {
    assert.equal(await timesAsked(unreachable(source, new Error("reset")), 1), 2);
    assert.equal(await timesAsked(corrupt(source, "cut"), 1), 2);
    assert.equal(await timesAsked(unreachable(source, new Error("reset")), 0), 1);
  });

  test("never, where it stays as it is", async () => {
    for (const fault of [
      answeredWith(source, 404),
      answeredWith(source, 403),
      answeredWith(source, 503, "121"),
      unknownHost,
      new Error("of the program"),
    ]) {
      assert.equal(await timesAsked(fault, 5), 1, String(fault));
    }
  });

  test("until it comes", async () => {
    let times = 0;
    const answer = withRetries(1, neverAborted, async () => {
      times += 1;
      if (times === 1) throw corrupt(source, "cut");
      return times;
    });
    assert.equal(await stayAlive(answer), 2);
  });
});
