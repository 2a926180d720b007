import assert from "node:assert/strict";

/** Numbers that are equal but for the order in which they were added up. */
export function assertClose(actual: readonly number[], expected: readonly number[]): void {
  for (const [i, value] of expected.entries()) {
    const difference = Math.abs((actual[i] as number) - value) / value;
    assert.ok(difference < 1e-9, `${actual[i]} is not ${value}`);
  }
  assert.equal(actual.length, expected.length);
}
