// A web server of files in memory, which can be made to misbehave. Nothing leaves this machine.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What goes wrong with a request, instead of an answer. */
export type ServerFault =
  | { kind: "status"; status: number; headers?: Record<string, string> }
  /** The first bytes of the body, then the connection is cut. */
  | { kind: "cut"; bytes: number }
  /** The first bytes of the body, then nothing, and the connection stays. */
  | { kind: "stall"; bytes: number }
  /** One byte is another. */
  | { kind: "corrupt" }
  /** The whole body after so long. */
  | { kind: "slow"; milliseconds: number }
  /** No answer at all. */
  | { kind: "silence" }
  /** An answer that goes on in another protocol. */
  | { kind: "upgrade" };

export interface ServerRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

export interface FileServer {
  readonly url: string;
  /** Contents by path, "/a.tar", or by path with its query. */
  readonly files: Map<string, Buffer>;
  readonly requests: ServerRequest[];
  /** How many connections have been made. */
  readonly connections: number;
  /** Whether parts of files are given. Default true. */
  ranges: boolean;
  /** Whether files have ETags. Default true. */
  etags: boolean;
  /** Whether it is said how long files are. Default true. */
  lengths: boolean;
  /** Headers that are added to those of every file. */
  headers: Record<string, string>;
  /** Where paths are redirected to. */
  readonly redirects: Map<string, string>;
  /** Asked before each request is answered. */
  fault: (request: ServerRequest) => ServerFault | undefined;
  /** Paths of what was asked for by GET. */
  fetched(): string[];
  /** Goes on as if it were not there. */
  close(): Promise<void>;
}

const etagOf = (bytes: Buffer) =>
  `"${createHash("sha256").update(bytes).digest("hex").slice(0, 16)}"`;

function sendWith(response: ServerResponse, body: Buffer, fault: ServerFault | undefined): void {
  switch (fault?.kind) {
    case "cut":
      // once the first bytes have been received, which are thrown away if the connection breaks before
      response.write(body.subarray(0, fault.bytes));
      setTimeout(() => response.destroy(), 20);
      return;
    case "stall":
      response.write(body.subarray(0, fault.bytes));
      return;
    case "slow":
      setTimeout(() => response.end(body), fault.milliseconds);
      return;
    case "corrupt": {
      const other = Buffer.from(body);
      other[body.length >> 1] = (other[body.length >> 1] as number) ^ 1;
      response.end(other);
      return;
    }
    default:
      response.end(body);
  }
}

export async function startFileServer(contents: Record<string, Buffer> = {}): Promise<FileServer> {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { method = "", url: path = "", headers } = request;
    const { range, authorization } = headers;
    const seen = { method, path, range, authorization };
    server.requests.push(seen);
    const fault = server.fault(seen);
    if (fault?.kind === "silence") return;
    if (fault?.kind === "upgrade") {
      const lines = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: x"];
      request.socket.write(`${lines.join("\r\n")}\r\n\r\n`);
      return;
    }
    if (fault?.kind === "status") {
      response.writeHead(fault.status, fault.headers).end();
      return;
    }
    const pathname = decodeURIComponent(new URL(path, "http://localhost").pathname);
    const target = server.redirects.get(pathname);
    if (target !== undefined) {
      response.writeHead(302, { Location: target }).end();
      return;
    }
    const whole = server.files.get(path) ?? server.files.get(pathname);
    if (whole === undefined) {
      response.writeHead(404).end();
      return;
    }
    if (server.etags) response.setHeader("ETag", etagOf(whole));
    for (const [name, value] of Object.entries(server.headers)) response.setHeader(name, value);
    let body = whole;
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
    if (server.ranges && first !== undefined) {
      const end = last ? Math.min(Number(last) + 1, whole.length) : whole.length;
      if (Number(first) >= whole.length) {
        response.writeHead(416).end();
        return;
      }
      body = whole.subarray(Number(first), end);
      response.statusCode = 206;
      response.setHeader("Content-Range", `bytes ${first}-${end - 1}/${whole.length}`);
    }
    if (server.lengths) response.setHeader("Content-Length", body.length);
    if (method === "HEAD") response.end();
    else sendWith(response, body, fault);
  };
  const http = createServer(answer).listen(0, "127.0.0.1");
  let connections = 0;
  http.on("connection", () => {
    connections += 1;
  });
  await once(http, "listening");
  const server: FileServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    files: new Map(Object.entries(contents)),
    requests: [],
    get connections() {
      return connections;
    },
    ranges: true,
    etags: true,
    lengths: true,
    headers: {},
    redirects: new Map(),
    fault: () => undefined,
    fetched: () => server.requests.filter(({ method }) => method === "GET").map(({ path }) => path),
    async close() {
      http.closeAllConnections();
      if (http.listening) await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}
