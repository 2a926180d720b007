import { syncBuiltinESMExports } from "node:module";
import { after, before, mock } from "node:test";
import timers from "node:timers/promises";

/**
 * In the suite that calls this, or the file, what is tried again after a while is tried again at once. How long is
 * waited is for other tests to say.
 */
export function passingWaits(): void {
  const { setTimeout: wait } = timers;
  let passing: { mock: { restore(): void } };
  before(() => {
    const atOnce: typeof wait = (_, value, options) => wait(0, value, options);
    passing = mock.method(timers, "setTimeout", atOnce);
    syncBuiltinESMExports();
  });
  after(() => {
    passing.mock.restore();
    syncBuiltinESMExports();
  });
}
