// A server that answers as S3 does, as far as objects are read and listed, and checks every signature.

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

export async function startS3(objects: Record<string, Buffer>): Promise<S3Server> {
  const http = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    const signature = /Signature=(\w+)$/.exec(headers.authorization ?? "")?.[1];
    if (signature === undefined || signature !== signatureOf(request)) {
      response.writeHead(403).end(method === "HEAD" ? "" : failure("SignatureDoesNotMatch"));
      return;
    }
    server.requests.push(`${method} ${url}`);
    const { pathname, searchParams } = new URL(url, "http://localhost");
    const name = decodeURIComponent(pathname.slice(1));
    if (server.isSilent(`${method} ${name}`)) return;
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
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "") ?? [];
    let body = whole;
    // S3 says what it keeps only to those who ask
    if (headers["x-amz-checksum-mode"] === "ENABLED") {
      const checksum = Buffer.alloc(4);
      checksum.writeUInt32BE(crc32(whole));
      response.setHeader("x-amz-checksum-crc32", checksum.toString("base64"));
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
    async close() {
      http.closeAllConnections();
      if (http.listening) await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}
