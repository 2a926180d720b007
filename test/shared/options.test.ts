// The readers of options, and that the compiler holds them against an interface.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  asGiven,
  integer,
  type OptionReaders,
  oneOf,
  optional,
  readOptions,
  withDefault,
} from "../../src/shared/options.js";
import { requireBoolean } from "../../src/shared/validation.js";

interface Options {
  size?: number;
  mode?: "fast" | "exact";
  flag?: boolean;
  other?: string;
}

const readers = {
  size: withDefault(integer(1, 8), 2),
  mode: optional(oneOf(["fast", "exact"])),
  flag: withDefault(requireBoolean, false),
  other: asGiven,
} satisfies OptionReaders<Options>;

describe("options", () => {
  test("are read, each by its reader, with their defaults", () => {
    const given = readOptions("work", { mode: "fast", other: 7 }, readers);
    const { size, mode }: { size: number; mode: "fast" | "exact" | undefined } = given;
    assert.deepEqual([size, mode], [2, "fast"]);
    assert.deepEqual(given, { size: 2, mode: "fast", flag: false, other: 7 });
  });

  test("are refused by name, with what was expected and what came", () => {
    assert.throws(() => readOptions("work", { size: 9 }, readers), {
      name: "RangeError",
      message: "size: expected an integer from 1 to 8, got 9",
    });
    assert.throws(() => readOptions("work", { mode: "slow" }, readers, "work."), {
      name: "RangeError",
      message: 'work.mode: expected one of "fast", "exact", got "slow"',
    });
  });

  test("that do not exist are refused, and so is what is no object", () => {
    assert.throws(() => readOptions("work", { sizes: 1 }, readers), {
      name: "TypeError",
      message: 'work: unknown option "sizes"; expected one of size, mode, flag, other',
    });
    assert.throws(() => readOptions("work", 5, readers), {
      name: "TypeError",
      message: "work: expected an object with options, got 5",
    });
  });
});

test("the compiler refuses readers that miss an option, have one too many, or one of another type", () => {
  const { other, ...fewer } = readers;
  assert.equal(other, asGiven);
  // @ts-expect-error
  fewer satisfies OptionReaders<Options>;
  // @ts-expect-error
  ({ ...readers, more: asGiven, size: integer(1) }) satisfies OptionReaders<Options>;
  // @ts-expect-error
  ({ ...readers, size: oneOf(["1"]) }) satisfies OptionReaders<Options>;
});
