// What errors say, and which of them are the machine's.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { platform, tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { randomToken, temporaryName, writeAtomically } from "../../src/shared/atomic-file.js";
import { PixtokError, type PixtokErrorCode } from "../../src/shared/errors.js";
import { fileExists } from "../../src/shared/file-exists.js";
import { isGitLfsPointer, LFS_POINTER_BYTES } from "../../src/shared/git-lfs-pointer.js";
import {
  isMachineFault,
  isTransientFault,
  machineFault,
  throwMachineFault,
} from "../../src/shared/machine-fault.js";
import { isNoRegularFile } from "../../src/shared/no-regular-file.js";
import {
  callable,
  group,
  instanceOf,
  integer,
  number,
  optional,
  stringOf,
  withDefault,
} from "../../src/shared/options.js";
import { openRegularFile, readRegularFile } from "../../src/shared/regular-file.js";
import { plainContext, readSampleContext } from "../../src/shared/sample-context.js";
import { sampleError, sampleErrorList } from "../../src/shared/sample-error.js";
import { isOfFileSystem, unreadableFile } from "../../src/shared/unreadable-file.js";
import { requireOneOf, describe as shown } from "../../src/shared/validation.js";

const folder = mkdtempSync(join(tmpdir(), "pixtok-faults-"));
after(() => rmSync(folder, { recursive: true }));

/** An error as Node makes it. */
const nodeError = (message: string, fields: object = {}): Error =>
  Object.assign(new Error(message), { code: message.split(":")[0], ...fields });

describe("a message", () => {
  const code = "INVALID_SAMPLE";

  test("says which sample, what is wrong, and what to do", () => {
    const cause = new Error("inner");
    const error = new PixtokError("EMPTY_FILE", "the file has no bytes", {
      index: 7,
      source: "a/b.jpg",
      cause,
    });
    assert.equal(
      error.message,
      'sample 7, "a/b.jpg": the file has no bytes (copy or download the file again, or leave this sample out)',
    );
    assert.deepEqual(
      [error.name, error.code, error.index, error.source, error.reason, error.cause],
      ["PixtokError", "EMPTY_FILE", 7, "a/b.jpg", "the file has no bytes", cause],
    );
    assert.equal(new PixtokError(code, "wrong").message, "wrong");
    assert.equal(new PixtokError(code, "wrong", { index: 0 }).message, "sample 0: wrong");
    assert.equal(new PixtokError(code, "wrong", { source: "x" }).message, '"x": wrong');
  });

  test("is cut in its middle where it would fill the screen, and not before", () => {
    const digits = (length: number) => "0123456789".repeat(100).slice(0, length);
    const reasonOf = (length: number) => new PixtokError(code, digits(length)).reason;
    assert.equal(reasonOf(400), digits(400));
    assert.equal(reasonOf(401), `${digits(401).slice(0, 199)}…${digits(401).slice(-199)}`);
    const sourceIn = (length: number) =>
      new PixtokError(code, "wrong", { source: digits(length) }).message;
    assert.equal(sourceIn(160), `"${digits(160)}": wrong`);
    assert.equal(sourceIn(161), `"${digits(79)}…${digits(161).slice(-79)}": wrong`);
    assert.equal(new PixtokError(code, "wrong", { source: digits(161) }).source, digits(161));
  });

  for (const [value, expected] of [
    ["a".repeat(60), `"${"a".repeat(60)}"`],
    ["a".repeat(61), `"${"a".repeat(57)}..."`],
    ['"', '"\\""'],
    [5n, "5n"],
    [() => 5, "a function"],
    [[1, "a", [2], null], '[1, "a", […], null]'],
    [[1, 2, 3, 4, 5], "an array of 5"],
    [new Map(), "an object of type Map"],
    [Object.create(null), "an object of type Object"],
    [null, "null"],
    [undefined, "undefined"],
    [Number.NaN, "NaN"],
  ] as [unknown, string][]) {
    test(`shows what came as ${expected.slice(0, 30)}`, () => assert.equal(shown(value), expected));
  }
});

describe("an option's value", () => {
  test("may be its limits, and nothing beyond", () => {
    for (const [reader, least, most, name] of [
      [integer(2, 5), 2, 5, "an integer from 2 to 5"],
      [number(0.5, 1.5), 0.5, 1.5, "a number from 0.5 to 1.5"],
    ] as const) {
      assert.equal(reader("o", least), least);
      assert.equal(reader("o", most), most);
      for (const beyond of [least - 1, most + 1, Number.NaN]) {
        assert.throws(() => reader("o", beyond), {
          name: "RangeError",
          message: `o: expected ${name}, got ${beyond}`,
        });
      }
      assert.throws(() => reader("o", "2"), {
        name: "TypeError",
        message: `o: expected ${name}, got "2"`,
      });
    }
    assert.throws(() => integer(1)("o", 1.5), /o: expected an integer of at least 1, got 1.5/);
    assert.throws(
      () => integer(1)("o", 2 ** 53),
      /o: expected an integer from 1 to 9007199254740991/,
    );
    assert.throws(() => integer(1)("o", null), {
      name: "TypeError",
      message: /of at least 1, got null/,
    });
  });

  test("is what its reader takes", () => {
    const plus = (a: number) => a + 1;
    assert.equal(stringOf("a name")("o", "x"), "x");
    assert.throws(() => stringOf("a name")("o", 5), {
      name: "TypeError",
      message: "o: expected a name, got 5",
    });
    assert.equal(callable("a function")("o", plus), plus);
    assert.throws(
      () => callable("a function")("o", {}),
      /o: expected a function, got an object of type Object/,
    );
    const map = new Map();
    assert.equal(instanceOf(Map, "a map")("o", map), map);
    assert.throws(() => instanceOf(Map, "a map")("o", {}), /o: expected a map, got/);
    assert.throws(() => requireOneOf("o", 5, ["a"]), {
      name: "TypeError",
      message: 'o: expected one of "a", got 5',
    });
    assert.throws(() => requireOneOf("o", "b", ["a"]), { name: "RangeError" });
  });

  test("within another is named by both", () => {
    const read = group({ inner: optional(integer(1)), size: withDefault(integer(1), 4) });
    assert.deepEqual(read("outer", {}), { inner: undefined, size: 4 });
    assert.throws(
      () => read("outer", { inner: 0 }),
      /outer\.inner: expected an integer of at least 1, got 0/,
    );
    assert.throws(
      () => read("outer", { other: 0 }),
      /outer: unknown option "other"; expected one of inner, size/,
    );
  });

  test("of a context has defaults, and no signal where none is given", () => {
    assert.deepEqual(readSampleContext({}), { seed: 0, epoch: 0 });
    const { signal } = new AbortController();
    assert.deepEqual(readSampleContext({ seed: 3, epoch: 4, signal }), {
      seed: 3,
      epoch: 4,
      signal,
    });
    assert.throws(() => readSampleContext({ signal: {} }), /signal: expected an AbortSignal/);
    assert.throws(
      () => readSampleContext({ epoch: -1 }),
      /epoch: expected an integer of at least 0/,
    );
    assert.equal(plainContext(signal).signal, signal);
    assert.deepEqual(
      [plainContext().seed, plainContext().epoch, plainContext().signal.aborted],
      [0, 0, false],
    );
  });
});

describe("a fault of the machine", () => {
  const faults: [PixtokErrorCode, unknown][] = [
    ["OUT_OF_FILE_DESCRIPTORS", nodeError("EMFILE: too many open files, open 'a'")],
    ["OUT_OF_FILE_DESCRIPTORS", nodeError("ENFILE: file table overflow")],
    ["OUT_OF_FILE_DESCRIPTORS", "unable to open for read: Too many open files"],
    ["OUT_OF_MEMORY", nodeError("ENOMEM: not enough memory, read")],
    ["OUT_OF_MEMORY", nodeError("out", { code: "ERR_WORKER_OUT_OF_MEMORY" })],
    ["OUT_OF_MEMORY", new RangeError("Array buffer allocation failed")],
    ["OUT_OF_MEMORY", new Error("std::bad_alloc")],
    ["OUT_OF_MEMORY", new Error("vips: out of memory -- size == 3MB")],
    ["STORAGE_FAILED", nodeError("EIO: i/o error, read")],
    ["STORAGE_FAILED", nodeError("ESTALE: stale file handle, read")],
    ["STORAGE_FAILED", nodeError("ENOSPC: no space left on device, write")],
    ["STORAGE_FAILED", nodeError("EIO: i/o error, read", { syscall: "read" })],
    ["STORAGE_FAILED", new Error("first line\nsecond: Input/output error")],
    ["STORAGE_FAILED", new Error("wrapped", { cause: nodeError("EIO: i/o error, read") })],
    ["STORAGE_FAILED", new AggregateError([new Error("one"), nodeError("EIO: i/o error, read")])],
    [
      "OUT_OF_MEMORY",
      nodeError("connect ENOMEM 10.0.0.1:443", { code: "ENOMEM", syscall: "connect" }),
    ],
    [
      "SOURCE_CHANGED",
      new Error("wrapped", { cause: new PixtokError("SOURCE_CHANGED", "changed") }),
    ],
    [
      "DECODER_NOT_FOUND",
      new Error("wrapped", { cause: new PixtokError("DECODER_NOT_FOUND", "none") }),
    ],
  ];
  for (const [code, error] of faults) {
    test(`${code} is behind ${String(error).slice(0, 50)}`, () => {
      const fault = machineFault(error, { index: 3 });
      assert.equal(fault?.code, code);
      assert.equal(fault.index, 3);
      assert.equal(fault.cause, error);
      assert.equal(isMachineFault(fault), true);
      const passes = code !== "SOURCE_CHANGED" && code !== "DECODER_NOT_FOUND";
      assert.equal(isTransientFault(fault), passes);
    });
  }

  const others: unknown[] = [
    undefined,
    null,
    nodeError("ENOENT: no such file, open 'EIO: '"),
    nodeError("connect ETIMEDOUT 10.0.0.1:443", { code: "ETIMEDOUT", syscall: "connect" }),
    nodeError("something", { code: "toString" }),
    new PixtokError("CORRUPT_IMAGE", "out of memory"),
    new Error("a bad image"),
  ];
  for (const error of others) {
    test(`is not behind ${String(error).slice(0, 50)}`, () =>
      assert.equal(machineFault(error), null));
  }

  test("is looked for eight causes deep, and in eight errors of many", () => {
    const fault = nodeError("EIO: i/o error, read");
    const wrapped = (times: number): Error =>
      times === 0 ? fault : new Error("wrapped", { cause: wrapped(times - 1) });
    assert.equal(machineFault(wrapped(7))?.code, "STORAGE_FAILED");
    assert.equal(machineFault(wrapped(8)), null);
    const among = (before: number) =>
      new AggregateError([...Array<Error>(before).fill(new Error("one")), fault]);
    assert.equal(machineFault(among(7))?.code, "STORAGE_FAILED");
    assert.equal(machineFault(among(8)), null);
  });

  test("is thrown as it is where it is one of a sample already, and before others", () => {
    const fault = new PixtokError("STORAGE_FAILED", "gone", { index: 3 });
    const bad = new PixtokError("CORRUPT_IMAGE", "bad");
    assert.equal(machineFault(fault, { index: 9 }), fault);
    assert.doesNotThrow(() => throwMachineFault([{ error: bad }]));
    assert.throws(() => throwMachineFault([{ error: bad }, { error: fault }]), fault);
  });

  test("is of the sample that is read, where it names none", () => {
    const fault = new PixtokError("STORAGE_FAILED", "it cannot be read", { source: "/disk" });
    const named = machineFault(fault, { index: 9, source: "another" });
    assert.equal(named?.index, 9);
    assert.equal(named?.source, "/disk");
    assert.equal(named?.code, "STORAGE_FAILED");
    assert.equal(machineFault(fault, { source: "another" }), fault);
  });
});

describe("a file", () => {
  const path = join(folder, "five.txt");
  writeFileSync(path, "12345");

  /** How many files of the folder this process has open. */
  const opened = () =>
    readdirSync("/proc/self/fd").filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
      } catch {
        return false; // that of the listing itself
      }
    }).length;

  test("is read up to the bytes that are allowed", async () => {
    assert.equal((await readRegularFile(path, 5)).toString(), "12345");
    await assert.rejects(readRegularFile(path, 4, { index: 2 }), {
      code: "FILE_TOO_LARGE",
      index: 2,
      source: path,
      reason: "the file has 5 bytes; at most 4 are read",
    });
  });

  test("is closed again, also where it is refused", {
    skip: !existsSync("/proc/self/fd"),
  }, async () => {
    await readRegularFile(path, 5);
    await assert.rejects(readRegularFile(path, 4));
    await assert.rejects(openRegularFile(folder));
    assert.equal(opened(), 0);
    const { file, size } = await openRegularFile(path);
    assert.equal(size, 5);
    assert.equal(opened(), 1);
    await file.close();
  });

  test("is distinguished from a folder, from what is missing, and from a pipe", async () => {
    const refused = (at: string | Buffer, code: PixtokErrorCode, reason: RegExp) =>
      assert.rejects(openRegularFile(at, { index: 4 }), (error) => {
        assert.ok(error instanceof PixtokError);
        assert.deepEqual([error.code, error.index, error.source], [code, 4, String(at)]);
        assert.match(error.reason, reason);
        return true;
      });
    await refused(folder, "NOT_A_FILE", /^this is a folder, not a file$/);
    await refused(join(folder, "none"), "FILE_NOT_FOUND", /^no such file$/);
    await refused(Buffer.from(join(path, "below")), "FILE_NOT_FOUND", /^no such file$/);
    if (platform() === "win32") return;
    execFileSync("mkfifo", [join(folder, "pipe")]);
    await refused(join(folder, "pipe"), "NOT_A_FILE", /^this is not a regular file$/);
  });

  test("that cannot be opened says why", () => {
    const error = unreadableFile("a", nodeError("EACCES: permission denied, open 'a'"), {
      index: 1,
    });
    assert.deepEqual([error.code, error.index, error.source], ["FILE_UNREADABLE", 1, "a"]);
    assert.match(error.reason, /^the file cannot be read: EACCES/);
    assert.equal(unreadableFile("a", nodeError("EIO: i/o error, open")).code, "STORAGE_FAILED");
    assert.equal(isOfFileSystem(nodeError("EIO: x", { syscall: "read" })), true);
    assert.equal(isOfFileSystem(new Error("x")), false);
    assert.equal(isOfFileSystem({ syscall: "read" }), false);
  });

  test("is a device only where something stands at its path that is no file", () => {
    const opening = { code: "ENXIO", syscall: "open" };
    assert.equal(isNoRegularFile({ ...opening, path: folder }), true);
    assert.equal(isNoRegularFile({ ...opening, path }), false);
    assert.equal(isNoRegularFile({ ...opening, path: join(folder, "none") }), false);
    assert.equal(isNoRegularFile(opening), false);
    assert.equal(isNoRegularFile({ ...opening, path: folder, code: "EIO" }), false);
    assert.equal(isNoRegularFile({ ...opening, path: folder, syscall: "read" }), false);
    const error = unreadableFile(folder, { ...opening, path: folder }, { index: 5 });
    assert.deepEqual([error.code, error.index, error.source], ["NOT_A_FILE", 5, folder]);
  });

  test("is there or not, unless the machine fails", async () => {
    assert.equal(await fileExists(path), true);
    assert.equal(await fileExists(folder), true);
    assert.equal(await fileExists(join(folder, "none")), false);
  });

  test("is made in one step, or not at all", async () => {
    const made = join(folder, "new", "made.txt");
    const result = await writeAtomically(made, async (temporary) => {
      assert.match(temporary, /made\.txt\.[0-9a-f]{12}\.incomplete$/);
      assert.ok(!existsSync(made));
      writeFileSync(temporary, "whole");
      return 5;
    });
    assert.equal(result, 5);
    assert.equal(readFileSync(made, "utf8"), "whole");
    await assert.rejects(
      writeAtomically(made, async (temporary) => {
        writeFileSync(temporary, "half");
        throw new Error("stopped");
      }),
      /stopped/,
    );
    assert.equal(readFileSync(made, "utf8"), "whole");
    assert.deepEqual(readdirSync(join(folder, "new")), ["made.txt"]);
    assert.equal(temporaryName("a", "b"), "a.b.incomplete");
    assert.notEqual(randomToken(), randomToken());
  });

  test("that Git LFS has not fetched is known by its first bytes", () => {
    const pointer = Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:0");
    assert.equal(isGitLfsPointer(pointer), true);
    assert.equal(isGitLfsPointer(pointer.subarray(0, LFS_POINTER_BYTES)), true);
    assert.equal(isGitLfsPointer(pointer.subarray(0, LFS_POINTER_BYTES - 1)), false);
    assert.equal(isGitLfsPointer(pointer.subarray(1)), false);
  });
});

test("errors of samples are all counted, and a thousand are listed", () => {
  const errors = sampleErrorList();
  const one = (index: number) =>
    sampleError(index, new PixtokError("EMPTY_FILE", "empty", { source: "a" }));
  assert.deepEqual(errors.errors, { count: 0, list: [] });
  errors.add(Array.from({ length: 998 }, (_, i) => one(i)));
  const earlier = errors.errors;
  errors.add([one(998), one(999), one(1000)]);
  errors.add([one(1001)]);
  assert.equal(errors.errors.count, 1002);
  assert.deepEqual(
    errors.errors.list.map(({ index }) => index),
    [...Array(1000).keys()],
  );
  assert.equal(earlier.list.length, 998, "a list that was given out stays");
  assert.deepEqual(Object.keys(one(1)), ["index", "source", "code", "message"]);
});
