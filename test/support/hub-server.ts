// A server that answers as the Hugging Face hub does, as far as models and datasets are read from it, and that can
// be made to fail. Files of 1 KiB and more are in large file storage: on another server. Both give parts of files.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface HubRepo {
  /** Commit of each branch, tag and reference. */
  refs: Record<string, string>;
  /** Files of each commit. */
  commits: Record<string, Record<string, string | Buffer>>;
  /** The token that is needed to read files. */
  gate?: string;
}

/** What goes wrong with a request, instead of an answer. */
export type Fault =
  | { kind: "status"; status: number; headers?: Record<string, string> }
  /** Half of the body, then the connection is cut. */
  | { kind: "drop" }
  /** Half of the body, as if it were the whole. */
  | { kind: "short" }
  /** One byte is another. */
  | { kind: "corrupt" }
  /** This text. */
  | { kind: "body"; body: string; headers?: Record<string, string> }
  /** So many bytes without end, a piece at a time. */
  | { kind: "flood" }
  /** Half of the body, then nothing, and the connection stays. */
  | { kind: "stall" }
  /** The body, a few bytes every few milliseconds. */
  | { kind: "trickle"; milliseconds: number }
  /** To the same place again. */
  | { kind: "redirect" };

export interface HubRequest {
  method: string;
  path: string;
  authorization: string | undefined;
}

export interface HubServer {
  url: string;
  /** Models by their ids, datasets by "datasets/" and theirs. */
  repos: Record<string, HubRepo>;
  /** Those of the hub itself and of its file storage, in order. */
  requests: HubRequest[];
  /** Asked before each request is answered. */
  fault: (request: HubRequest) => Fault | undefined;
  close(): Promise<void>;
}

const largeFile = 1024;

const digest = (algorithm: string, ...parts: (string | Buffer)[]): string => {
  const hash = createHash(algorithm);
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};

/** The checksum that names a file: SHA-256 in large file storage, else git's. */
export function checksumOf(content: string | Buffer): string {
  const bytes = Buffer.from(content);
  return bytes.length >= largeFile
    ? digest("sha256", bytes)
    : digest("sha1", `blob ${bytes.length}\0`, bytes);
}

async function listen(server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The part of a file that a request asks for, which the answer's head says then; else the whole. */
function partOf(request: IncomingMessage, response: ServerResponse, whole: Buffer): Buffer {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  if (first === undefined || Number(first) >= whole.length) return whole;
  const end = last ? Math.min(Number(last) + 1, whole.length) : whole.length;
  response.statusCode = 206;
  response.setHeader("Content-Range", `bytes ${first}-${end - 1}/${whole.length}`);
  return whole.subarray(Number(first), end);
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text;
}

function send(response: ServerResponse, body: Buffer, fault: Fault | undefined): void {
  const half = body.subarray(0, body.length / 2);
  if (fault?.kind === "drop") {
    response.setHeader("Content-Length", body.length);
    response.write(half, () => response.destroy());
    return;
  }
  if (fault?.kind === "stall") {
    response.setHeader("Content-Length", body.length);
    response.write(half);
    return;
  }
  if (fault?.kind === "flood") {
    const more = () => {
      while (
        !response.destroyed &&
        response.writable &&
        response.write(Buffer.alloc(1 << 16, 0x20))
      );
    };
    response.on("drain", more);
    more();
    return;
  }
  if (fault?.kind === "trickle") {
    response.setHeader("Content-Length", body.length);
    const step = Math.ceil(body.length / 8);
    let at = 0;
    const timer = setInterval(() => {
      response.write(body.subarray(at, at + step));
      at += step;
      if (at < body.length) return;
      clearInterval(timer);
      response.end();
    }, fault.milliseconds);
    return;
  }
  if (fault?.kind === "short") response.end(half);
  else if (fault?.kind === "corrupt") {
    const bytes = Buffer.from(body);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
    response.setHeader("Content-Length", bytes.length).end(bytes);
  } else response.setHeader("Content-Length", body.length).end(body);
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response
    .writeHead(status, { "X-Error-Code": code, "X-Error-Message": message })
    .end(JSON.stringify({ error: message }));
}

export async function startHub(repos: Record<string, HubRepo>): Promise<HubServer> {
  const storage = new Map<string, Buffer>();
  const hub: HubServer = {
    url: "",
    repos,
    requests: [],
    fault: () => undefined,
    async close() {
      for (const server of [front, back]) {
        server.closeAllConnections();
        if (server.listening) await new Promise((resolve) => server.close(resolve));
      }
    },
  };

  /** Records a request; true where its fault is the whole answer. */
  const faultOf = (request: IncomingMessage, response: ServerResponse) => {
    const { method = "", url: path = "", headers } = request;
    const seen = { method, path, authorization: headers.authorization };
    hub.requests.push(seen);
    const fault = hub.fault(seen);
    if (fault?.kind === "status") response.writeHead(fault.status, fault.headers).end();
    if (fault?.kind === "body") response.writeHead(200, fault.headers).end(fault.body);
    if (fault?.kind === "redirect") response.writeHead(302, { Location: path }).end();
    return fault;
  };

  const front = createServer(async (request, response) => {
    const fault = faultOf(request, response);
    if (response.headersSent) return;
    const { pathname } = new URL(request.url ?? "", hub.url);
    const [, api, apiId, question, apiRevision] =
      /^\/(api)\/(?:models\/)?(.+?)\/(revision|paths-info|tree)\/([^/]+)$/.exec(pathname) ?? [];
    const [, fileId, fileRevision, file] = /^\/(.+?)\/resolve\/([^/]+)\/(.+)$/.exec(pathname) ?? [];
    const id = apiId ?? fileId ?? "";
    const repo = Object.hasOwn(repos, id) ? repos[id] : undefined;
    if (repo === undefined) {
      // as the hub says it to those without a token
      return refuse(response, 401, "RepoNotFound", "Invalid username or password.");
    }
    const revision = decodeURIComponent(apiRevision ?? fileRevision ?? "");
    const commit = repo.refs[revision] ?? revision;
    const files = repo.commits[commit];
    if (files === undefined) {
      return refuse(response, 404, "RevisionNotFound", `Invalid rev id: ${revision}`);
    }
    if (api !== undefined) {
      response.setHeader("Content-Type", "application/json");
      if (question === "revision") {
        const info = { _id: "1", id, sha: commit, private: false, gated: false, likes: 0 };
        const siblings = Object.keys(files).map((rfilename) => ({ rfilename }));
        return send(response, Buffer.from(JSON.stringify({ ...info, siblings })), fault);
      }
      const { paths, expand = false } =
        question === "tree"
          ? { paths: Object.keys(files) }
          : (JSON.parse(await readBody(request)) as { paths: string[]; expand?: boolean });
      const changed = expand && {
        lastCommit: { id: commit, title: "a change", date: "2026-01-01T00:00:00.000Z" },
      };
      const infos = paths
        .filter((path) => Object.hasOwn(files, path))
        .map((path) => {
          const content = files[path] as string | Buffer;
          const size = Buffer.byteLength(content);
          const lfs = { oid: checksumOf(content), size, pointerSize: 134 };
          return size >= largeFile
            ? {
                type: "file",
                path,
                oid: digest("sha1", Buffer.from(content)),
                size,
                lfs,
                ...changed,
              }
            : { type: "file", path, oid: checksumOf(content), size, ...changed };
        });
      return send(response, Buffer.from(JSON.stringify(infos)), fault);
    }
    if (repo.gate !== undefined && request.headers.authorization !== `Bearer ${repo.gate}`) {
      return refuse(response, 403, "GatedRepo", `Access to model ${id} is restricted.`);
    }
    const content = files[decodeURIComponent(file ?? "")];
    if (content === undefined) return refuse(response, 404, "EntryNotFound", "Entry not found");
    const bytes = Buffer.from(content);
    const etag = checksumOf(content);
    response.setHeader("X-Repo-Commit", commit);
    if (bytes.length < largeFile) {
      response.setHeader("ETag", `"${etag}"`);
      return send(response, partOf(request, response, bytes), fault);
    }
    storage.set(`/${etag}`, bytes);
    response
      .writeHead(302, {
        "X-Linked-Etag": `"${etag}"`,
        "X-Linked-Size": bytes.length,
        Location: `${storageUrl}/${etag}`,
      })
      .end();
  });

  const back = createServer((request, response) => {
    const fault = faultOf(request, response);
    if (response.headersSent) return;
    const bytes = storage.get(request.url ?? "");
    if (bytes === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader("ETag", `"${request.url?.slice(1)}"`);
    send(response, partOf(request, response, bytes), fault);
  });

  hub.url = await listen(front);
  const storageUrl = await listen(back);
  return hub;
}
