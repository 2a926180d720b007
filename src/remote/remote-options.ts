import { homedir } from "node:os";
import { join, resolve } from "node:path";
import {
  integer,
  number,
  type OptionReaders,
  oneOf,
  optional,
  type ReadOptions,
  stringOf,
  withDefault,
} from "../shared/options.js";
import { outOfRange, wrongType } from "../shared/validation.js";
import { shownUrl } from "./remote-location.js";

/** What becomes of images whose server does not answer. */
export type UnreachableImages = "end" | "bad";

/** Options of what asks servers. */
export interface ServerOptions {
  /** URL of an S3 server that is not Amazon's. Default: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, or AWS's own. */
  endpoint?: string;
  /** How long nothing may come from a server before a request is given up, in seconds. Default 30. */
  timeoutSeconds?: number;
  /** How often a request is made again that a server has not answered as it should. Default 4. */
  remoteRetries?: number;
}

/** Options of sources that are elsewhere, or have images that are. */
export interface RemoteOptions extends ServerOptions {
  /**
   * Folder of the copies of remote files, of indexes of manifests and Parquet files that cannot stand beside them, and of
   * tables of weights, which processes share. Default: PIXTOK_CACHE, else `pixtok` in XDG_CACHE_HOME or `~/.cache`.
   */
  cacheDir?: string;
  /** Most bytes of copies in it; those that were used last stay. Default 100 GiB. */
  cacheBytes?: number;
  /**
   * What an image is whose server cannot be reached: "end" ends the epoch, as a fault of the machine; "bad"
   * makes it a bad pair, which `onError` decides about. Default "end".
   */
  unreachableImages?: UnreachableImages;
}

const DEFAULT_CACHE_BYTES = 100 * 2 ** 30;
const DEFAULT_TIMEOUT_SECONDS = 30;
/** What setTimeout takes. */
const MOST_TIMEOUT_SECONDS = 2_000_000;
const DEFAULT_RETRIES = 4;
const MOST_RETRIES = 100;

/** Where copies are kept where nobody says it. */
function defaultFolder(): string {
  const { PIXTOK_CACHE, XDG_CACHE_HOME } = process.env;
  return PIXTOK_CACHE || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "pixtok");
}

const readFolder = optional(stringOf("the path of a folder"));

/** What S3 is asked at: "localhost:9000" is a URL, too, and means something else. */
function serverUrl(option: string, value: unknown): string {
  const expected = "the URL of a server, http://HOST or https://HOST";
  if (typeof value !== "string") throw wrongType(option, expected, value);
  if (/^https?:\/\//i.test(value) && URL.canParse(value)) return value;
  throw outOfRange(option, expected, shownUrl(value));
}

export const serverReaders = {
  endpoint: optional(serverUrl),
  timeoutSeconds: withDefault(number(0.001, MOST_TIMEOUT_SECONDS), DEFAULT_TIMEOUT_SECONDS),
  remoteRetries: withDefault(integer(0, MOST_RETRIES), DEFAULT_RETRIES),
} satisfies OptionReaders<ServerOptions>;

/** How servers are asked. */
export type ServerSettings = ReadOptions<typeof serverReaders>;

export const remoteReaders = {
  cacheDir: (option: string, value: unknown) =>
    resolve(readFolder(option, value) || defaultFolder()),
  cacheBytes: withDefault(integer(0), DEFAULT_CACHE_BYTES),
  ...serverReaders,
  unreachableImages: withDefault(oneOf(["end", "bad"]), "end"),
} satisfies OptionReaders<RemoteOptions>;

/** How remote files are read. */
export type RemoteSettings = ReadOptions<typeof remoteReaders>;
