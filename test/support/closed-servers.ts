import { after } from "node:test";

/** Starts servers, and closes them when the tests of the file that calls this are done. */
export function closedServers<A extends unknown[], S extends { close(): Promise<void> }>(
  start: (...given: A) => Promise<S>,
): (...given: A) => Promise<S> {
  const open: S[] = [];
  after(() => Promise.all(open.map((server) => server.close())));
  return async (...given) => {
    const server = await start(...given);
    open.push(server);
    return server;
  };
}
