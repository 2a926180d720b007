// A server that answers as S3 does, as far as objects are read, listed and written, and checks every signature.

import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { crc32 } from "node:zlib";

export interface S3Server {
  readonly url: string;
  /** Contents by "bucket/key". */
  readonly objects: Map<string, Buffer>;
  /** Method and path of each request that was signed rightly. */
  readonly requests: string[];
  /** Objects of a page of a list. Default 1000. */
  pageSize: number;
  /** One byte of each object is another. */
  isCorrupt: boolean;
  /** Headers that objects have beside their own, or in their place. */
  headers: Record<string, string>;
  /** What is answered to a list, in its place. */
  list: string | undefined;
  /** Whether a request is never answered, by its method and path: "GET bucket/key". */
  isSilent: (asked: string) => boolean;
  /** Of each object half comes, and no more. */
  isStalling: boolean;
  /** When objects were written, by "bucket/key", in milliseconds since 1970; others at the server's start. */
  readonly written: Map<string, number>;
  /** Uploads in parts that are under way: keys, parts by their numbers, and whether these are to have checksums. */
  readonly uploads: Map<string, { key: string; parts: Map<number, Buffer>; algorithm?: string }>;
  /** Headers with conditions of requests that write which are not heeded, as by some stores. */
  readonly ignored: Set<"if-none-match" | "if-match">;
  /**
   * What is wrong with a request, by its method and path with the query: the status that it is answered with, and what S3 calls
   * it, or 200 with a page in place of what S3 answers; "lost" where it is done, and the answer does not come.
   */
  fault: (asked: string) => number | [status: number, code: string] | "lost" | undefined;
  close(): Promise<void>;
}

export const credentials = { key: "AKIATESTTESTTEST", secret: "a/secret+key" };

/** For a process that is to read from such a server. */
export const s3Environment = {
  AWS_ACCESS_KEY_ID: credentials.key,
  AWS_SECRET_ACCESS_KEY: credentials.secret,
  AWS_REGION: "eu-central-1",
  // what clients in Python read in its place
  AWS_DEFAULT_REGION: "eu-central-1",
};

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string) =>
  createHmac("sha256", key).update(text).digest();

/** All of a request's body, which is to have the digests that its headers say. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const body = Buffer.concat(pieces);
  const { "x-amz-content-sha256": digest, "x-amz-checksum-crc32": checksum } = request.headers;
  if (digest !== createHash("sha256").update(body).digest("hex")) return undefined;
  return checksum === undefined || checksum === crcOf(body) ? body : undefined;
}

function crcOf(bytes: Buffer): string {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  return checksum.toString("base64");
}

/** What the request should be signed with, by version 4 of AWS's signatures. */
function signatureOf({ method = "", url = "", headers }: IncomingMessage): string | undefined {
  const [, scope = "", names = "", given] =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/(\S+), ?SignedHeaders=(\S+), ?Signature=(\w+)$/.exec(
      headers.authorization ?? "",
    ) ?? [];
  if (given === undefined) return undefined;
  const [path = "", query = ""] = url.split("?");
  const canonical = [
    method,
    path,
    query
      .split("&")
      .filter((one) => one !== "")
      .map((one) => (one.includes("=") ? one : `${one}=`))
      .sort()
      .join("&"),
    ...names.split(";").map((name) => `${name}:${String(headers[name] ?? "").trim()}`),
    "",
    names,
    headers["x-amz-content-sha256"],
  ].join("\n");
  const [date = "", region = "", service = "", end = ""] = scope.split("/");
  const text = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  const key = [date, region, service, end].reduce<string | Buffer>(
    hmac,
    `AWS4${credentials.secret}`,
  );
  return createHmac("sha256", key).update(text).digest("hex");
}

const failure = (code: string) => `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`;

const etags = new WeakMap<Buffer, string>();

function etagOf(bytes: Buffer): string {
  const etag = etags.get(bytes) ?? `"${createHash("md5").update(bytes).digest("hex")}"`;
  etags.set(bytes, etag);
  return etag;
}

/** What is asked, and what answers it. */
interface Asked {
  readonly method: string;
  /** "bucket/key" */
  readonly name: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const xml = (body: string): Answer => ({
  status: 200,
  headers: { "Content-Type": "application/xml" },
  body: `<?xml version="1.0"?>${body}`,
});

/** What a request that writes is answered. */
function write(server: S3Server, { method, name, query, headers, body }: Asked): Answer {
  const id = query.get("uploadId");
  const upload = server.uploads.get(id ?? "");
  const refusal = (status: number, code: string): Answer => ({ status, body: failure(code) });
  /** Puts an object where the headers' conditions hold. */
  const put = (bytes: Buffer): Answer => {
    const there = server.objects.get(name);
    const condition = (header: "if-none-match" | "if-match") =>
      server.ignored.has(header) ? undefined : headers[header];
    const same = condition("if-match");
    if (condition("if-none-match") === "*" && there !== undefined) {
      return refusal(412, "PreconditionFailed");
    }
    if (same !== undefined && there === undefined) return refusal(404, "NoSuchKey");
    if (same !== undefined && there !== undefined && etagOf(there) !== same) {
      return refusal(412, "PreconditionFailed");
    }
    server.objects.set(name, bytes);
    server.written.set(name, Date.now());
    return { status: 200, headers: { ETag: etagOf(bytes) } };
  };
  if (method === "POST" && query.has("uploads")) {
    const own = `upload-${server.uploads.size}-${name.length}`;
    const algorithm = headers["x-amz-checksum-algorithm"] as string | undefined;
    server.uploads.set(own, { key: name, parts: new Map(), ...(algorithm && { algorithm }) });
    const result = "InitiateMultipartUploadResult";
    return xml(`<${result}><UploadId>${own}</UploadId></${result}>`);
  }
  if (id === null) {
    if (method === "PUT") return put(body);
    server.objects.delete(name);
    return { status: 204 };
  }
  if (upload === undefined || upload.key !== name) return refusal(404, "NoSuchUpload");
  const isChecked = upload.algorithm === "CRC32";
  if (method === "PUT") {
    // "Checksum Type mismatch occurred"
    if (isChecked !== "x-amz-checksum-crc32" in headers) return refusal(400, "InvalidRequest");
    upload.parts.set(Number(query.get("partNumber")), body);
    const checksum = isChecked && { "x-amz-checksum-crc32": crcOf(body) };
    return { status: 200, headers: { ETag: etagOf(body), ...checksum } };
  }
  if (method === "DELETE") {
    server.uploads.delete(id);
    return { status: 204 };
  }
  const named = [...String(body).matchAll(/<PartNumber>(\d+)</g)].map(([, number]) =>
    Number(number),
  );
  const parts = named.map((number) => upload.parts.get(number));
  if (named.length !== upload.parts.size || parts.includes(undefined)) {
    return refusal(400, "InvalidPart");
  }
  const checksums = [...String(body).matchAll(/<ChecksumCRC32>([^<]+)</g)].map(([, one]) => one);
  const expected = isChecked ? (parts as Buffer[]).map(crcOf) : [];
  if (checksums.join() !== expected.join()) return refusal(400, "InvalidPart");
  const made = put(Buffer.concat(parts as Buffer[]));
  if (made.status !== 200) return made;
  server.uploads.delete(id);
  return xml("<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>");
}

export async function startS3(objects: Record<string, Buffer>): Promise<S3Server> {
  const http = createServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    const signature = /Signature=(\w+)$/.exec(headers.authorization ?? "")?.[1];
    const sent = ["PUT", "POST"].includes(method) ? await bodyOf(request) : Buffer.alloc(0);
    if (signature === undefined || signature !== signatureOf(request) || sent === undefined) {
      response.writeHead(403).end(method === "HEAD" ? "" : failure("SignatureDoesNotMatch"));
      return;
    }
    server.requests.push(`${method} ${url}`);
    const { pathname, searchParams } = new URL(url, "http://localhost");
    const name = decodeURIComponent(pathname.slice(1));
    if (server.isSilent(`${method} ${name}`)) return;
    const fault = server.fault(`${method} ${decodeURIComponent(url.slice(1))}`);
    if (fault !== undefined && fault !== "lost") {
      const [status, code] = typeof fault === "number" ? [fault, "Fault"] : fault;
      const body = status < 300 ? "<html></html>" : failure(code);
      response.writeHead(status).end(method === "HEAD" ? "" : body);
      return;
    }
    if (["PUT", "POST", "DELETE"].includes(method)) {
      const asked = { method, name, query: searchParams, headers, body: sent };
      const answer = write(server, asked);
      if (fault === "lost") request.socket.destroy();
      else response.writeHead(answer.status, answer.headers).end(answer.body);
      return;
    }
    if (searchParams.has("uploads")) {
      const prefix = `${name.replace(/\/$/, "")}/${searchParams.get("prefix") ?? ""}`;
      const found = [...server.uploads].filter(([, { key }]) => key.startsWith(prefix));
      const all = found.map(([id, { key }]) => {
        const own = key.slice(key.indexOf("/") + 1);
        return `<Upload><Key>${own}</Key><UploadId>${id}</UploadId></Upload>`;
      });
      const answer = xml(
        `<ListMultipartUploadsResult>${all.join("")}</ListMultipartUploadsResult>`,
      );
      response.writeHead(answer.status, answer.headers).end(answer.body);
      return;
    }
    if (searchParams.has("list-type") && server.list !== undefined) {
      response.writeHead(200, { "Content-Type": "application/xml" }).end(server.list);
      return;
    }
    if (searchParams.has("list-type")) {
      const prefix = `${name.replace(/\/$/, "")}/${searchParams.get("prefix") ?? ""}`;
      const bucket = name.replace(/\/$/, "");
      const keys = [...server.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
      const from = Number(searchParams.get("continuation-token") ?? 0);
      const page = keys.slice(from, from + server.pageSize);
      const end = from + page.length;
      const contents = page.map((key) => {
        const bytes = server.objects.get(key) as Buffer;
        return `<Contents><Key>${key.slice(bucket.length + 1)}</Key><Size>${bytes.length}</Size><ETag>${etagOf(bytes)}</ETag></Contents>`;
      });
      const more =
        end < keys.length
          ? `<IsTruncated>true</IsTruncated><NextContinuationToken>${end}</NextContinuationToken>`
          : "<IsTruncated>false</IsTruncated>";
      response
        .writeHead(200, { "Content-Type": "application/xml" })
        .end(
          `<?xml version="1.0"?><ListBucketResult>${contents.join("")}${more}</ListBucketResult>`,
        );
      return;
    }
    const whole = server.objects.get(name);
    if (whole === undefined) {
      response.writeHead(404).end(method === "HEAD" ? "" : failure("NoSuchKey"));
      return;
    }
    response.setHeader("ETag", etagOf(whole));
    const written = server.written.get(name) ?? started;
    response.setHeader("Last-Modified", new Date(written).toUTCString());
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "") ?? [];
    let body = whole;
    // S3 says what it keeps only to those who ask
    if (headers["x-amz-checksum-mode"] === "ENABLED") {
      response.setHeader("x-amz-checksum-crc32", crcOf(whole));
      response.setHeader("x-amz-checksum-type", "FULL_OBJECT");
    }
    if (first !== undefined) {
      const end = last ? Math.min(Number(last) + 1, whole.length) : whole.length;
      body = whole.subarray(Number(first), end);
      response.statusCode = 206;
      response.setHeader("Content-Range", `bytes ${first}-${end - 1}/${whole.length}`);
    }
    for (const [header, value] of Object.entries(server.headers)) response.setHeader(header, value);
    if (server.isCorrupt) {
      body = Buffer.from(body);
      body[0] = (body[0] as number) ^ 1;
    }
    response.setHeader("Content-Length", body.length);
    if (method === "HEAD") response.end();
    else if (server.isStalling) response.write(body.subarray(0, body.length >> 1));
    else response.end(body);
  }).listen(0, "127.0.0.1");
  await once(http, "listening");
  const started = Date.now();
  const server: S3Server = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    objects: new Map(Object.entries(objects)),
    requests: [],
    pageSize: 1000,
    isCorrupt: false,
    isStalling: false,
    headers: {},
    list: undefined,
    isSilent: () => false,
    written: new Map(),
    uploads: new Map(),
    ignored: new Set(),
    fault: () => undefined,
    async close() {
      http.closeAllConnections();
      if (http.listening) await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}
