// The hook by which node:test follows every promise of a process. It needs that to find the suite of a test that is
// registered behind an await; while tests run, it would take a quarter of their processor time. It takes createHook when
// it is loaded, so a program must import this first, and node:test by import().

import asyncHooks from "node:async_hooks";

/** @type {asyncHooks.AsyncHook | undefined} */
let hook;

const { createHook } = asyncHooks;
asyncHooks.createHook = (callbacks) => {
  hook = createHook(callbacks);
  return hook;
};
await import("node:test");
asyncHooks.createHook = createHook;

/** From before a suite is registered until its tests are. */
export const followPromises = () => hook?.enable();

export const leavePromises = () => hook?.disable();
