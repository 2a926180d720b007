import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { answeredWith, corrupt, refused } from "./remote-errors.js";

/** The digest of a whole file. */
export interface Checksum {
  readonly algorithm: "sha256" | "md5" | "crc32" | "git-sha1";
  /** In lower-case hexadecimal digits. */
  readonly digest: string;
}

/** What is known of a file before it comes. */
export interface RemoteFacts {
  /** In bytes; undefined where the server does not say it. */
  readonly size: number | undefined;
  /** Changes when the file does: an ETag, or a date. Undefined where the server has neither. */
  readonly validator: string | undefined;
  readonly checksum: Checksum | undefined;
}

/** Bytes of a file from `first` to before `end`. */
export interface ByteSpan {
  readonly first: number;
  readonly end?: number;
}

/** Bytes of a file as they come. */
export interface RemoteAnswer extends RemoteFacts {
  /** Where in the file the first of them is: 0 where a span was asked for and the whole file comes. */
  readonly first: number;
  readonly body: Readable;
}

export function rangeHeader({ first, end }: ByteSpan): string {
  return `bytes=${first}-${end === undefined ? "" : end - 1}`;
}

/** Where a range starts, and the size of the whole file. */
export function contentRange(header: string | undefined): {
  first: number;
  size: number | undefined;
} {
  const [, first, size] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(header ?? "") ?? [];
  return { first: Number(first ?? Number.NaN), size: size === "*" ? undefined : Number(size) };
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

/** RFC 9530 and its predecessors. */
function checksumOf(headers: IncomingMessage["headers"]): Checksum | undefined {
  const ofContent = headers["repr-digest"] ?? headers.digest;
  const [, sha256] =
    /(?:^|[\s,])sha-256=:?([A-Za-z\d+/]{43}=)/i.exec(String(ofContent ?? "")) ?? [];
  if (sha256 !== undefined) {
    return { algorithm: "sha256", digest: Buffer.from(sha256, "base64").toString("hex") };
  }
  const md5 = headers["content-md5"];
  if (typeof md5 !== "string" || !/^[A-Za-z\d+/]{22}==$/.test(md5)) return undefined;
  return { algorithm: "md5", digest: Buffer.from(md5, "base64").toString("hex") };
}

/** Encodings that compress. Servers are seen to call other things so, which are none, as "utf-8". */
const COMPRESSING = /\b(?:gzip|deflate|br|zstd|compress|dcb|dcz)\b/i;

/** @throws {PixtokError} REMOTE_REFUSED for a file that the server gives in compressed form alone. */
export function refuseEncoding(source: string, encoding: string | undefined): void {
  if (encoding === undefined || !COMPRESSING.test(encoding)) return;
  throw refused(
    source,
    `the server gives the file compressed (Content-Encoding: ${encoding.slice(0, 40)}), which was not asked for`,
  );
}

/** What the headers of an answer say of the file. */
export function factsOf(source: string, { statusCode, headers }: IncomingMessage): RemoteFacts {
  refuseEncoding(source, headers["content-encoding"]);
  const isPart = statusCode === 206;
  return {
    size: isPart
      ? contentRange(headers["content-range"]).size
      : wholeNumber(headers["content-length"]),
    // a weak ETag is as good where all bytes are counted
    validator: headers.etag?.replace(/^W\//, "") ?? headers["last-modified"],
    // of a part it is the part's
    checksum: isPart ? undefined : checksumOf(headers),
  };
}

/** @throws {PixtokError} for a status that comes without the file. */
export function answerOf(source: string, response: IncomingMessage): RemoteAnswer {
  const { statusCode = 0, headers } = response;
  if (statusCode !== 200 && statusCode !== 206) {
    response.destroy();
    throw answeredWith(source, statusCode, headers["retry-after"]);
  }
  const first = statusCode === 206 ? contentRange(headers["content-range"]).first : 0;
  if (Number.isNaN(first)) {
    response.destroy();
    throw corrupt(source, "the server does not say which part of the file has come");
  }
  try {
    return { ...factsOf(source, response), first, body: response };
  } catch (error) {
    response.destroy();
    throw error;
  }
}
