import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

/** What Python's huggingface_hub is told by environment variables, as far as reading needs it. */
export interface HubEnvironment {
  /** HF_ENDPOINT, without a slash at its end. */
  endpoint: string;
  /** HF_HUB_CACHE, else the folder "hub" in HF_HOME. */
  cacheFolder: string;
  /** HF_HUB_OFFLINE: no request at all. */
  offline: boolean;
  /** HF_TOKEN, else what `hf auth login` left in a file. */
  token: string | undefined;
}

function variable(...names: string[]): string | undefined {
  return names.map((name) => process.env[name]?.trim()).find(Boolean);
}

function isTrue(...names: string[]): boolean {
  return ["1", "ON", "YES", "TRUE"].includes(variable(...names)?.toUpperCase() ?? "");
}

function expandHome(path: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : path;
}

async function readToken(home: string): Promise<string | undefined> {
  if (isTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN")) return undefined;
  const token = variable("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN");
  if (token !== undefined) return token;
  const path = expandHome(variable("HF_TOKEN_PATH") ?? join(home, "token"));
  const text = await readFile(path, "utf8").catch(() => "");
  return text.trim() || undefined;
}

/** Read anew for every download, as a program may set the variables after it has started. */
export async function hubEnvironment(): Promise<HubEnvironment> {
  const caches = variable("XDG_CACHE_HOME") ?? join(homedir(), ".cache");
  const home = expandHome(variable("HF_HOME") ?? join(caches, "huggingface"));
  return {
    endpoint: (variable("HF_ENDPOINT") ?? "https://huggingface.co").replace(/\/+$/, ""),
    cacheFolder: expandHome(variable("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") ?? join(home, "hub")),
    offline: isTrue("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"),
    token: await readToken(home),
  };
}
