// Requests over HTTP: redirects, and connections that are let go of.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, globalAgent, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { httpRequest } from "../../src/remote/http-request.js";
import { readSmallFile } from "../../src/remote/read-small-file.js";
import { remoteReaders } from "../../src/remote/remote-options.js";
import { requestFacts } from "../../src/remote/remote-request.js";
import { stayAlive } from "../../src/remote/stay-alive.js";
import { neverAborted } from "../../src/shared/abort.js";
import { readOptions } from "../../src/shared/options.js";
import { closedServers } from "../support/closed-servers.js";
import { startFileServer } from "../support/file-server.js";
import { quick } from "../support/remote-sets.js";

const serve = closedServers(startFileServer);
const settings = readOptions("test", quick(), remoteReaders);

const closedListeners = closedServers(async (answer: RequestListener) => {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
    },
  };
});

const statusOf = async (url: string): Promise<number | undefined> => {
  const question = { method: "GET", headers: {}, timeoutSeconds: 5, signal: neverAborted } as const;
  const response = await stayAlive(httpRequest(new URL(url), question));
  response.destroy();
  return response.statusCode;
};

describe("redirects", () => {
  test("are followed ten times, and no further", async () => {
    const server = await serve({ "/10": Buffer.from("a") });
    for (let at = 0; at < 10; at += 1) server.redirects.set(`/${at}`, `/${at + 1}`);
    server.redirects.set("/start", "/0");
    assert.equal(await statusOf(`${server.url}/0`), 200);
    await assert.rejects(statusOf(`${server.url}/start`), {
      code: "REMOTE_REFUSED",
      message: /redirects/,
    });
  });

  for (const status of [301, 302, 303, 307, 308]) {
    test(`are answers of status ${status}, where they say where to`, async () => {
      const server = await serve({ "/to": Buffer.from("a") });
      let headers: Record<string, string> = { Location: "/to" };
      server.fault = ({ path }) =>
        path === "/a" ? { kind: "status", status, headers } : undefined;
      assert.equal(await statusOf(`${server.url}/a`), 200);
      headers = {};
      assert.equal(await statusOf(`${server.url}/a`), status);
    });
  }

  test("are no answers of another status", async () => {
    const server = await serve({ "/to": Buffer.from("a") });
    server.fault = () => ({ kind: "status", status: 305, headers: { Location: "/to" } });
    assert.equal(await statusOf(`${server.url}/a`), 305);
  });
});

test("a connection is free once the server has said what a file is", async () => {
  const server = await serve({ "/a": Buffer.alloc(12) });
  const free = once(globalAgent, "free");
  await stayAlive(requestFacts(`${server.url}/a`, settings, neverAborted));
  await free;
});

describe("a small file", () => {
  const read = (url: string, most: number) => readSmallFile(url, most, settings);

  const inTwo: RequestListener = (_, response) => {
    response.write("01234");
    response.end("56789");
  };

  test("is read whole up to the last byte, whether or not its size is said", async () => {
    const server = await serve({ "/a": Buffer.from("0123456789") });
    const { url } = await closedListeners(inTwo);
    for (const at of [server.url, url])
      assert.equal(String(await read(`${at}/a`, 10)), "0123456789");
  });

  test("is refused that has one byte more", async () => {
    const server = await serve({ "/a": Buffer.from("0123456789") });
    await assert.rejects(read(`${server.url}/a`, 9), {
      code: "FILE_TOO_LARGE",
      message: /the file has 10 bytes; at most 9 are read/,
    });
    assert.equal(server.requests.length, 1);
    const { url } = await closedListeners(inTwo);
    await assert.rejects(read(`${url}/a`, 9), {
      code: "FILE_TOO_LARGE",
      message: /the file has more than 9 bytes/,
    });
  });

  test("that is too large is not read, and its connection ends", async () => {
    let hasEnded: Promise<unknown> = Promise.resolve();
    const { url } = await closedListeners((_, response) => {
      hasEnded = once(response, "close");
      response.writeHead(200, { "Content-Length": 11 }).write("0");
    });
    await assert.rejects(read(`${url}/a`, 10), { code: "FILE_TOO_LARGE" });
    await hasEnded;
  });
});
