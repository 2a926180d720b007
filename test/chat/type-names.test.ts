// What values of templates are called in errors: as type(value).__name__ of Python.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  PythonFloat,
  Range,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from "../../src/chat/jinja/values.js";

describe("the type of a value is called", () => {
  for (const [name, value] of [
    ["NoneType", null],
    ["bool", true],
    ["int", 1],
    ["str", "a"],
    ["float", new PythonFloat(1)],
    ["tuple", Tuple.from([1])],
    ["range", Range.from([1])],
    ["list", [1]],
    ["dict", new Map()],
    ["Undefined", new Undefined("a")],
  ] as [string, Value][]) {
    test(name, () => assert.equal(typeName(value), name));
  }
});
