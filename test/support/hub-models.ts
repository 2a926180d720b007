// Models on the Hugging Face hub, which here is a server of our own; nothing leaves this machine.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "node:test";
import { PixtokError, type PretrainedTokenizerOptions, Tokenizer } from "pixtok";
import { fixture } from "./fixtures.js";
import { checksumOf, type Fault, type HubServer, startHub } from "./hub-server.js";

const read = (path: string) => readFileSync(fixture(path), "utf8");
export const wordpiece = {
  "tokenizer.json": read("wordpiece/tokenizer.json"),
  "tokenizer_config.json": read("wordpiece/tokenizer_config.json"),
  "vocab.txt": read("wordpiece/vocab.txt"),
  "model.safetensors": "weights ".repeat(1000),
};
export const bpe = {
  "tokenizer.json": read("bpe/tokenizer.json"),
  "tokenizer_config.json": wordpiece["tokenizer_config.json"],
};
export const [first, second] = ["1".repeat(40), "2".repeat(40)] as const;

const variables = [
  "HF_ENDPOINT",
  "HF_HOME",
  "HF_HUB_CACHE",
  "HUGGINGFACE_HUB_CACHE",
  "HF_TOKEN",
  "HUGGING_FACE_HUB_TOKEN",
  "HF_TOKEN_PATH",
  "HF_HUB_DISABLE_IMPLICIT_TOKEN",
  "HF_HUB_OFFLINE",
  "HF_HUB_DOWNLOAD_TIMEOUT",
  "TRANSFORMERS_OFFLINE",
  "XDG_CACHE_HOME",
];

export let hub: HubServer;
export let home: string;
let environment: NodeJS.ProcessEnv;

/** Starts the hub before each test of the file, with an empty cache and none of the variables set. */
export function serveModels(): void {
  beforeEach(async () => {
    environment = { ...process.env };
    for (const name of variables) delete process.env[name];
    home = mkdtempSync(join(tmpdir(), "pixtok-hub-"));
    hub = await startHub({
      "org/model": { refs: { main: first }, commits: { [first]: wordpiece } },
      single: {
        refs: { main: first },
        commits: { [first]: { "vocab.txt": wordpiece["vocab.txt"] } },
      },
      "org/gated": { refs: { main: first }, commits: { [first]: wordpiece }, gate: "hf_good" },
      "org/weights": {
        refs: { main: first },
        commits: { [first]: { "model.safetensors": "weights" } },
      },
    });
    process.env.HF_ENDPOINT = hub.url;
    process.env.HF_HOME = home;
  });

  afterEach(async () => {
    process.env = environment;
    await hub.close();
    rmSync(home, { recursive: true });
  });
}

export const cached = (...parts: string[]) => join(home, "hub", ...parts);
export const asked = () =>
  hub.requests.map(({ method, path }) => `${method} ${path.split("?")[0]}`);

/** Everything in the cache, as paths from it. */
export function cacheEntries(): string[] {
  if (!existsSync(cached())) return [];
  const entries = readdirSync(cached(), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(cached().length + 1))
    .sort();
}

export async function idsOf(tokenizer: Tokenizer): Promise<bigint[]> {
  return [...(await tokenizer.encode("a red circle above two blue squares")).input_ids.data];
}

export const localIds = await idsOf(await Tokenizer.fromPretrained(fixture("wordpiece")));

export async function loads(id: string, options: PretrainedTokenizerOptions = {}): Promise<void> {
  assert.deepEqual(await idsOf(await Tokenizer.fromPretrained(id, options)), localIds);
}

export async function fails(id: string, code: string, message: RegExp): Promise<void> {
  await assert.rejects(Tokenizer.fromPretrained(id), (error) => {
    assert.ok(error instanceof PixtokError, String(error));
    assert.equal(error.code, code, error.message);
    assert.equal(error.source, id);
    assert.match(error.message, message);
    return true;
  });
}

/** The next `times` requests for a file of `path` fail. */
export function failing(path: RegExp, fault: Fault, times = Number.POSITIVE_INFINITY): void {
  let left = times;
  hub.fault = (request) => (path.test(request.path) && left-- > 0 ? fault : undefined);
}

export const large = checksumOf(wordpiece["tokenizer.json"]);
export const small = checksumOf(wordpiece["tokenizer_config.json"]);
