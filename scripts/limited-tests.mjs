// node:test for translated tests: each has a limit of time, its own or this, as --test-timeout is the limit of a
// whole file on Node 20 and 22; and each fails by what nobody catches.

import * as runner from "node:test";

export * from "node:test";

// ten times what the slowest that has no limit of its own takes on a machine with other work
const timeout = 120_000;

/** @type {typeof runner.test} */
export const test = (name, options, run) =>
  typeof options === "function"
    ? runner.test(name, { timeout }, failing(options))
    : runner.test(name, { timeout, ...options }, failing(run));

/** As it is, and failing by an error that nobody catches: test-room.mjs keeps node:test from finding its test. */
function failing(run) {
  return (
    run &&
    (async (context) => {
      let fail;
      const uncaught = new Promise((_, reject) => {
        fail = reject;
      });
      const events = ["uncaughtException", "unhandledRejection"];
      for (const event of events) process.on(event, fail);
      try {
        await Promise.race([run(context), uncaught]);
      } finally {
        for (const event of events) process.off(event, fail);
      }
    })
  );
}
