// Requests over HTTP: redirects, and connections that are let go of.

import assert from "node:assert/strict";
import { once } from "node:events";
import {
  createServer,
  get,
  globalAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type RequestOptions,
  request,
  type ServerResponse,
} from "node:http";
import https from "node:https";
import { syncBuiltinESMExports } from "node:module";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { httpRequest } from "../../src/remote/http-request.js";
import { quietAgents } from "../../src/remote/quiet-agents.js";
import { readSmallFile } from "../../src/remote/read-small-file.js";
import { readSpan } from "../../src/remote/read-span.js";
import type { RemoteFile } from "../../src/remote/remote-file.js";
import { remoteNeighbour } from "../../src/remote/remote-neighbour.js";
import { remoteReaders } from "../../src/remote/remote-options.js";
import { requestFacts } from "../../src/remote/remote-request.js";
import { stayAlive } from "../../src/remote/stay-alive.js";
import { neverAborted } from "../../src/shared/abort.js";
import { readOptions } from "../../src/shared/options.js";
import { closedServers } from "../support/closed-servers.js";
import { startFileServer } from "../support/file-server.js";
import { quick } from "../support/remote-sets.js";

const serve = closedServers(startFileServer);
/** Nothing ends by it: connections that are kept are noticed. */
const timeoutSeconds = 300;
const settings = readOptions("test", quick({ timeoutSeconds }), remoteReaders);
/** Of a test that would wait for a connection that is kept. */
const soon = { timeout: 20_000 };

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
  const question = { method: "GET", headers: {}, timeoutSeconds, signal: neverAborted } as const;
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

test("a connection is free once the server has said what a file is", soon, async () => {
  const server = await serve({ "/a": Buffer.alloc(12) });
  const free = once(globalAgent, "free");
  await stayAlive(requestFacts(`${server.url}/a`, settings, neverAborted));
  await free;
});

describe("a request", () => {
  const ask = (url: string, headers = {}, signal = neverAborted) =>
    stayAlive(httpRequest(new URL(url), { method: "GET", headers, timeoutSeconds, signal })).then(
      (response) => response.destroy(),
    );

  /** A server that redirects to what `to` says, and the headers that it was asked with. */
  async function redirecting(to: () => string | undefined) {
    const seen: IncomingHttpHeaders[] = [];
    let hasEnded: Promise<unknown> = Promise.resolve();
    const { url } = await closedListeners(({ headers }, response) => {
      seen.push(headers);
      const location = to();
      if (location === undefined) return void response.end("a");
      hasEnded = once(response, "close");
      response.writeHead(302, { Location: location }).write("moved");
    });
    return { url, seen, ended: () => hasEnded };
  }

  test("says who asks, and that a file is wanted as it is", async () => {
    const { url, seen } = await redirecting(() => undefined);
    await ask(url, { Range: "bytes=0-1" });
    const { "user-agent": agent, "accept-encoding": encoding, range } = seen[0] ?? {};
    assert.deepEqual([agent, encoding, range], ["pixtok", "identity", "bytes=0-1"]);
  });

  test(
    "that is redirected takes what authorizes along on the same server alone",
    soon,
    async () => {
      const other = await redirecting(() => undefined);
      const ways: (string | undefined)[] = ["/b", other.url];
      const first = await redirecting(() => ways.shift());
      await ask(first.url, { Authorization: "secret", "X-Other": "kept" });
      const given = [...first.seen, ...other.seen].map(({ authorization, "x-other": kept }) => [
        authorization,
        kept,
      ]);
      assert.deepEqual(given, [
        ["secret", "kept"],
        ["secret", "kept"],
        [undefined, "kept"],
      ]);
      await first.ended();
    },
  );

  test("that is redirected with a name and password of its own has those", async () => {
    const ways: (string | undefined)[] = [];
    const { url, seen } = await redirecting(() => ways.shift());
    const named = (who: string) => `${url.replace("//", `//${who}@`)}/b`;
    ways.push(named("b:2"), "/c");
    await ask(named("a:1"));
    const basic = (who: string) => `Basic ${Buffer.from(who).toString("base64")}`;
    assert.deepEqual(
      seen.map(({ authorization }) => authorization),
      [basic("a:1"), basic("b:2"), basic("b:2")],
    );
  });

  for (const location of ["ftp://127.0.0.1/a", "http://", "file:///etc/passwd"]) {
    test(`that is redirected to ${location} is refused`, async () => {
      const { url } = await redirecting(() => location);
      await assert.rejects(ask(url), {
        code: "REMOTE_REFUSED",
        reason: "the server redirects to where it cannot be followed",
      });
    });
  }

  test("that is redirected is followed to https, and never from there to http", async (t) => {
    const ways: (string | undefined)[] = [];
    const { url, seen } = await redirecting(() => ways.shift());
    const secured = url.replace("http:", "https:");
    t.mock.method(https, "request", (to: URL, options: RequestOptions) =>
      request(to.href.replace("https:", "http:"), options),
    );
    syncBuiltinESMExports();
    t.after(() => {
      t.mock.reset();
      syncBuiltinESMExports();
    });
    ways.push(`${secured}/b`);
    await ask(url);
    assert.equal(seen.length, 2);
    ways.push(`${url}/b`);
    await assert.rejects(ask(secured), { code: "REMOTE_REFUSED", reason: /cannot be followed/ });
    assert.equal(seen.length, 3);
  });

  test("that nobody wants any more throws the signal's reason", async () => {
    const stop = new AbortController();
    const { url } = await closedListeners(() => stop.abort(new Error("enough")));
    await assert.rejects(ask(url, {}, stop.signal), /^Error: enough$/);
  });

  test("by https is encrypted", async () => {
    const { url } = await redirecting(() => undefined);
    await assert.rejects(ask(url.replace("http:", "https:")), {
      code: "REMOTE_UNREACHABLE",
      reason: /SSL|EPROTO|ssl/,
    });
  });
});

describe("agents for a client of its own", () => {
  /** Connections that keep this process alive. */
  const waiting = () =>
    process.getActiveResourcesInfo().filter((one) => /TCP.*Wrap/.test(one)).length;

  test("have connections that keep no process alive, also when they are used again", async () => {
    const { httpAgent } = quietAgents();
    const server = createServer().listen(0, "127.0.0.1");
    server.on("connection", (socket) => socket.unref());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    let connections = 0;
    server.on("connection", () => {
      connections += 1;
    });
    for (let time = 0; time < 2; time += 1) {
      const before = waiting();
      const request = get({ agent: httpAgent, port, host: "127.0.0.1" });
      const [, response] = (await once(server, "request")) as [unknown, ServerResponse];
      assert.equal(waiting(), before);
      const freed = once(httpAgent, "free");
      response.end("a");
      const [answer] = (await once(request, "response")) as [IncomingMessage];
      answer.resume();
      await freed;
    }
    assert.equal(connections, 1);
    httpAgent.destroy();
    server.close();
  });
});

describe("a file beside another one", () => {
  const beside = (url: string, isListed = true) =>
    remoteNeighbour(
      { url, isListed: () => isListed } as unknown as RemoteFile,
      /\.tar$/,
      ".idx",
      10,
      settings,
    );

  test("is read where there is one", async () => {
    const server = await serve({ "/a.idx": Buffer.from("index") });
    assert.equal(String(await beside(`${server.url}/a.tar`)), "index");
  });

  test("is none where it cannot be had, or is too large", async () => {
    const server = await serve({ "/b.idx": Buffer.alloc(11) });
    assert.equal(await beside(`${server.url}/a.tar`), undefined);
    assert.equal(await beside(`${server.url}/b.tar`), undefined);
    assert.equal(server.requests.length, 2);
  });

  test("is not asked for where a list has none, or it would be the file itself", async () => {
    const server = await serve({ "/a.idx": Buffer.from("index") });
    assert.equal(await beside(`${server.url}/a.tar`, false), undefined);
    assert.equal(await beside(`${server.url}/a.idx`), undefined);
    assert.equal(server.requests.length, 0);
  });
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

  test("may have no bytes", async () => {
    const server = await serve({ "/a": Buffer.alloc(0) });
    assert.equal((await read(`${server.url}/a`, 10)).length, 0);
  });

  test("that nobody wants any more is not waited for", soon, async () => {
    const stop = new AbortController();
    const { url } = await closedListeners(() => stop.abort(new Error("enough")));
    await assert.rejects(readSmallFile(url, 10, settings, stop.signal), /^Error: enough$/);
  });

  test("is refused that comes in part", async () => {
    const { url } = await closedListeners((_, response) => {
      response.writeHead(206, { "Content-Range": "bytes 0-4/10" }).end("01234");
    });
    await assert.rejects(readSmallFile(url, 10, { ...settings, remoteRetries: 0 }), {
      code: "REMOTE_CORRUPT_FILE",
      message: /5 of 10 bytes came/,
    });
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

  test("that is too large is not read, and its connection ends", soon, async () => {
    let hasEnded: Promise<unknown> = Promise.resolve();
    const { url } = await closedListeners((_, response) => {
      hasEnded = once(response, "close");
      response.writeHead(200, { "Content-Length": 11 }).write("0");
    });
    await assert.rejects(read(`${url}/a`, 10), { code: "FILE_TOO_LARGE" });
    await hasEnded;
  });
});

describe("bytes of a file", () => {
  const atOnce = { ...settings, remoteRetries: 0 };
  /** A server that answers with these. */
  const answering = (content: string, headers: Record<string, string>, status = 206) =>
    closedListeners((_, response) => void response.writeHead(status, headers).end(content));

  test("are those that are asked for, and nobody is asked for none", async () => {
    const server = await serve({ "/a": Buffer.from("0123456789") });
    const known = { validator: undefined };
    assert.equal(String(await readSpan(`${server.url}/a`, known, 2, 3, atOnce)), "234");
    assert.equal((await readSpan(`${server.url}/a`, known, 2, 0, atOnce)).length, 0);
    assert.equal(server.requests.length, 1);
  });

  test("are no more than are asked for, and no fewer", async () => {
    const { url } = await answering("23456", { "Content-Range": "bytes 2-6/10" });
    assert.equal(String(await readSpan(url, { validator: "v1" }, 2, 3, atOnce)), "234");
    await assert.rejects(readSpan(url, { validator: "v1" }, 2, 6, atOnce), {
      code: "REMOTE_CORRUPT_FILE",
      message: /5 of 6 bytes came/,
    });
  });

  test("that go on without an end are not waited for", soon, async () => {
    let hasEnded: Promise<unknown> = Promise.resolve();
    const { url } = await closedListeners((_, response) => {
      hasEnded = once(response, "close");
      response.writeHead(206, { "Content-Range": "bytes 2-9/10" }).write("234");
    });
    assert.equal(String(await readSpan(url, { validator: undefined }, 2, 3, atOnce)), "234");
    await hasEnded;
  });

  test("are of the version that is known, where the server says which it is", async () => {
    const range = { "Content-Range": "bytes 2-4/10" };
    const { url } = await answering("234", { ...range, ETag: "v1" });
    for (const validator of ["v1", undefined]) {
      assert.equal(String(await readSpan(url, { validator }, 2, 3, atOnce)), "234");
    }
    await assert.rejects(readSpan(url, { validator: "v2" }, 2, 3, atOnce), {
      code: "SOURCE_CHANGED",
      source: url,
    });
    const unsaid = await answering("234", range);
    assert.equal(String(await readSpan(unsaid.url, { validator: "v1" }, 2, 3, atOnce)), "234");
  });

  test("are refused of a server that gives the whole, or another part", async () => {
    const refused = { code: "REMOTE_CORRUPT_FILE", message: /does not give parts of files/ };
    const whole = await answering("0123456789", {}, 200);
    await assert.rejects(readSpan(whole.url, { validator: undefined }, 2, 3, atOnce), refused);
    const other = await answering("345", { "Content-Range": "bytes 3-5/10" });
    await assert.rejects(readSpan(other.url, { validator: undefined }, 2, 3, atOnce), refused);
  });
});
