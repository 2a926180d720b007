// What Python 3.11 makes of numbers and of digits in texts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chatTemplate } from "../../src/chat/chat-template.js";

async function rendered(expression: string): Promise<string> {
  const template = await chatTemplate(`{{ ${expression} }}`, {}, "test");
  return template.render([], { template_kwargs: {} }).text;
}

test("a number has its decimals as in Python: an exact half goes to the even digit", async () => {
  for (const [expression, expected] of [
    ["'%.0f' % 0.5", "0"],
    ["'%.0f' % 1.5", "2"],
    ["'%.0f' % 2.5", "2"],
    ["'%.0f' % -0.5", "-0"],
    ["'%.0f' % -2.5", "-2"],
    ["'%.0f' % 0.50000000000000011", "1"],
    ["'%.1f' % 0.25", "0.2"],
    ["'%.1f' % 0.35", "0.3"],
    ["'%.1f' % 0.75", "0.8"],
    ["'%.2f' % 0.125", "0.12"],
    ["'%.2f' % 2.675", "2.67"],
    ["'%.2f' % 1.005", "1.00"],
    ["'%.2f' % 1234567.125", "1234567.12"],
    ["'%.3f' % 0.0625", "0.062"],
    ["'%f' % 0.0000005", "0.000000"],
    ["'%.0f' % 1000000000000000000000.0", "1000000000000000000000"],
    ["'%.0f' % 10000000000000000000000.0", "10000000000000000000000"],
    ["'%f' % 100000000000000000000000.0", "99999999999999991611392.000000"],
  ] as const) {
    assert.equal(await rendered(expression), expected, expression);
  }
});

test("digits are those of Python's isdigit, isdecimal and isnumeric", async () => {
  for (const [text, isDigit, isDecimal, isNumeric] of [
    ["7", true, true, true],
    ["½", false, false, true],
    ["²", true, false, true],
    ["①", true, false, true],
    ["٣", true, true, true],
    ["Ⅷ", false, false, true],
    ["፩", true, false, true],
    ["a", false, false, false],
    ["1½", false, false, true],
    ["", false, false, false],
  ] as const) {
    const all = `['${text}'.isdigit(), '${text}'.isdecimal(), '${text}'.isnumeric()]|join`;
    const expected = [isDigit, isDecimal, isNumeric].map((is) => (is ? "True" : "False")).join("");
    assert.equal(await rendered(all), expected, text);
  }
});
