// node:test for translated tests: each has a limit of time, its own or this. --test-timeout is the limit of a
// whole file on Node 20 and 22.

import * as runner from "node:test";

export * from "node:test";

// ten times what the slowest that has no limit of its own takes on a machine with other work
const timeout = 120_000;

/** @type {typeof runner.test} */
export const test = (name, options, run) =>
  typeof options === "function"
    ? runner.test(name, { timeout }, options)
    : runner.test(name, { timeout, ...options }, run);
