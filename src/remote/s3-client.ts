import type { S3Client, S3ServiceException } from "@aws-sdk/client-s3";
import { PixtokError } from "../shared/errors.js";
import { quietAgents } from "./quiet-agents.js";
import { answeredWith, refused, unreachable } from "./remote-errors.js";
import type { ServerSettings } from "./remote-options.js";

type Sdk = typeof import("@aws-sdk/client-s3");

/** A file or folder of a bucket. */
export interface S3Place {
  readonly bucket: string;
  readonly path: string;
}

async function loadSdk(): Promise<Sdk> {
  try {
    return await import("@aws-sdk/client-s3");
  } catch (cause) {
    throw new PixtokError(
      "OPTIONAL_PACKAGE_NOT_FOUND",
      "s3:// is read and written by a package that is not installed with pixtok: npm install @aws-sdk/client-s3",
      { cause },
    );
  }
}

const clients = new Map<string, Promise<{ sdk: Sdk; client: S3Client }>>();

/** One client for each endpoint: each has connections and credentials of its own. */
export function clientOf({ endpoint, timeoutSeconds }: ServerSettings) {
  const own = endpoint ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
  const key = `${timeoutSeconds} ${endpoint !== undefined} ${own ?? ""}`;
  const made =
    clients.get(key) ??
    loadSdk().then((sdk) => {
      const client = new sdk.S3Client({
        // other servers have no name for each bucket
        ...(own && { endpoint: own, forcePathStyle: true }),
        ...(endpoint !== undefined && { region: process.env.AWS_REGION ?? "us-east-1" }),
        // asked again by withRetries()
        maxAttempts: 1,
        // the body is to be that of Node's own client; what it is checked by is its checksum
        responseChecksumValidation: "WHEN_REQUIRED",
        followRegionRedirects: true,
        requestHandler: {
          ...quietAgents(),
          connectionTimeout: 1000 * timeoutSeconds,
          socketTimeout: 1000 * timeoutSeconds,
          // it warns of too few connections, which have no limit here, by a timer that the process waits for
          socketAcquisitionWarningTimeout: 0,
        },
      });
      return { sdk, client };
    });
  clients.set(key, made);
  made.catch(() => clients.delete(key));
  return made;
}

/** What the client throws has the answer in it, and with it parts of what signed the question. */
function bare({ name, message, code }: Error & { code?: string }): Error {
  return Object.assign(new Error(`${name}: ${message}`), code !== undefined && { code });
}

export const NOT_S3 = "the server's answer is none of S3: check endpoint";

/** What S3 answers with a status of what is refused for good, though it may be well when it is asked again. */
const PASSING = new Set([
  "RequestTimeout",
  "IncompleteBody",
  "BadDigest",
  "XAmzContentSHA256Mismatch",
  "XAmzContentChecksumMismatch",
  // the client has set its clock by the answer
  "RequestTimeTooSkewed",
]);

export const statusOf = (thrown: unknown) =>
  (thrown as Partial<S3ServiceException>).$metadata?.httpStatusCode;

/** What S3 calls a fault. Answers to HEAD do not say that. */
export function faultOf(thrown: unknown): string | undefined {
  const { Code: code } = thrown as { Code?: unknown };
  return typeof code === "string" && /^\w{1,60}$/.test(code) ? code : undefined;
}

/** The error for what the client throws. */
export function failure(source: string, thrown: unknown): PixtokError {
  if (thrown instanceof PixtokError) return thrown;
  const { name, message, $response } = thrown as S3ServiceException;
  const cause = bare(thrown as Error);
  if (name === "CredentialsProviderError") {
    return refused(
      source,
      "there are no credentials for S3: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
      cause,
    );
  }
  if (/region is missing/i.test(message)) {
    return refused(source, "S3 needs a region: set AWS_REGION", cause);
  }
  if (/^Invalid URL$/.test(message)) {
    return refused(source, "AWS_ENDPOINT_URL is not the URL of a server, https://HOST", cause);
  }
  const status = statusOf(thrown);
  if (status === undefined) return unreachable(source, cause);
  if (status < 300) {
    return refused(source, NOT_S3, cause);
  }
  const retryAfter = $response?.headers["retry-after"];
  const code = faultOf(thrown);
  const fault = code === "NoSuchBucket" ? `${code}: there is no such bucket` : code;
  const mayPass = code !== undefined && PASSING.has(code);
  return answeredWith(source, status, retryAfter, { fault, mayPass, cause });
}
