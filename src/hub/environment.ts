import { homedir } from "node:os";
import { join } from "node:path";
import { PixtokError } from "../shared/errors.js";
import { readRegularFile } from "../shared/regular-file.js";

/** What Python's huggingface_hub reads from environment variables, as far as reading needs it. */
export interface HubEnvironment {
  /** HF_ENDPOINT, without a slash at its end. */
  endpoint: string;
  /** HF_HUB_CACHE, else the folder "hub" in HF_HOME. */
  cacheFolder: string;
  /** HF_HUB_OFFLINE: no request at all. */
  offline: boolean;
  /** HF_TOKEN, else what `hf auth login` left in a file. */
  token: string | undefined;
  /** HF_HUB_DOWNLOAD_TIMEOUT: how long nothing may come before it is given up. */
  timeoutSeconds: number;
}

const DEFAULT_TIMEOUT_SECONDS = 30;
/** What setTimeout takes. */
const MOST_TIMEOUT_SECONDS = 2_000_000;
const MOST_TOKEN_BYTES = 1 << 16;

function variable(...names: string[]): string | undefined {
  return names.map((name) => process.env[name]?.trim()).find(Boolean);
}

function isTrue(...names: string[]): boolean {
  return ["1", "ON", "YES", "TRUE"].includes(variable(...names)?.toUpperCase() ?? "");
}

function expandHome(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
}

/** Without line ends, as huggingface_hub does it. What is no token is never shown: it may be one in part. */
function cleanToken(text: string, from: string): string | undefined {
  const token = text.replace(/[\r\n]/g, "").trim();
  if (/^[\x21-\x7e]*$/.test(token)) return token || undefined;
  throw new PixtokError(
    "HUB_ACCESS_DENIED",
    `${from}: expected a token, got ${token.length} characters, of which some can be in no token`,
  );
}

async function readToken(home: string): Promise<string | undefined> {
  if (isTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN")) return undefined;
  const name = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"].find((one) => variable(one) !== undefined);
  if (name !== undefined) return cleanToken(variable(name) as string, name);
  const path = expandHome(variable("HF_TOKEN_PATH") ?? join(home, "token"));
  const bytes = await readRegularFile(path, MOST_TOKEN_BYTES).catch(() => undefined);
  return bytes === undefined ? undefined : cleanToken(bytes.toString("utf8"), path);
}

function readEndpoint(): string {
  const endpoint = (variable("HF_ENDPOINT") ?? "https://huggingface.co").replace(/\/+$/, "");
  const { protocol, username, password } = URL.canParse(endpoint)
    ? new URL(endpoint)
    : { protocol: "", username: "", password: "" };
  const isUsable = /^https?:$/.test(protocol) && username === "" && password === "";
  if (isUsable) return endpoint;
  // not shown, as a password may be in it
  throw new PixtokError(
    "HUB_UNREACHABLE",
    "HF_ENDPOINT: expected a URL that begins with http, without a user's name and password",
  );
}

function readTimeout(): number {
  const seconds = Number(variable("HF_HUB_DOWNLOAD_TIMEOUT") ?? DEFAULT_TIMEOUT_SECONDS);
  return seconds > 0 && seconds <= MOST_TIMEOUT_SECONDS ? seconds : DEFAULT_TIMEOUT_SECONDS;
}

/** Read for every download: a program may set the variables after it has started. */
export async function hubEnvironment(): Promise<HubEnvironment> {
  const caches = variable("XDG_CACHE_HOME") ?? join(homedir(), ".cache");
  const home = expandHome(variable("HF_HOME") ?? join(caches, "huggingface"));
  return {
    endpoint: readEndpoint(),
    cacheFolder: expandHome(variable("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") ?? join(home, "hub")),
    offline: isTrue("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"),
    token: await readToken(home),
    timeoutSeconds: readTimeout(),
  };
}
