import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fixture } from "../../test/support/fixtures.js";
import { checksumOf } from "../../test/support/hub-server.js";
import { byteMutators } from "../mutation/bytes.js";
import { jsonMutators } from "../mutation/json.js";
import { textMutators } from "../mutation/text.js";
import type { HubAnswer } from "../runs/hub.js";
import type { Seed, Target } from "../target.js";

function folderSeed(folder: string, names: readonly string[]): Seed {
  const files = names.map((name) => [name, readFileSync(join(fixture(folder), name))] as const);
  return { name: folder, files: new Map(files) };
}

const isJson = (path: string) => path.endsWith(".json");

export const tokenizer: Target = {
  name: "tokenizer",
  share: 3,
  seeds: async () => [
    folderSeed("wordpiece", ["tokenizer.json", "tokenizer_config.json"]),
    folderSeed("wordpiece", ["vocab.txt", "tokenizer_config.json"]),
    folderSeed("bpe", ["tokenizer.json", "tokenizer_config.json"]),
    folderSeed("unigram", ["tokenizer.json", "tokenizer_config.json"]),
  ],
  isDamaged: () => true,
  mutatorsOf: (path) =>
    isJson(path) ? { ...jsonMutators, ...textMutators } : { ...textMutators, ...byteMutators },
};

export const processor: Target = {
  name: "processor",
  share: 1,
  seeds: async () =>
    readdirSync(fixture("processors")).map((name) =>
      folderSeed(`processors/${name}`, ["preprocessor_config.json"]),
    ),
  isDamaged: () => true,
  mutatorsOf: () => ({ ...jsonMutators, ...textMutators }),
};

const commit = "1".repeat(40);

function answer(
  question: string,
  body: string | Buffer,
  headers: HubAnswer["headers"] = {},
): [string, Buffer][] {
  const head: HubAnswer = { status: 200, headers };
  return [
    [`${question}.head`, Buffer.from(JSON.stringify(head))],
    [`${question}.body`, Buffer.from(body)],
  ];
}

/** A model of two small files, and what the hub says of it. */
function hubSeed(): Seed {
  const contents = {
    "tokenizer.json": readFileSync(join(fixture("wordpiece"), "tokenizer.json"), "utf8"),
    "tokenizer_config.json": '{"do_lower_case": true}',
  };
  const files = Object.entries(contents).map(([path, content]) => {
    const size = Buffer.byteLength(content);
    const oid = checksumOf(content);
    const lfs = size >= 1024 ? { lfs: { oid, size, pointerSize: 134 } } : {};
    return { type: "file", path, oid, size, ...lfs };
  });
  const siblings = Object.keys(contents).map((rfilename) => ({ rfilename }));
  const json = { "Content-Type": "application/json" };
  return {
    name: "model",
    files: new Map([
      ...answer("revision", JSON.stringify({ id: "org/model", sha: commit, siblings }), json),
      ...answer("paths-info", JSON.stringify(files), json),
      ...Object.entries(contents).flatMap(([name, content]) =>
        answer(name, content, { ETag: `"${checksumOf(content)}"`, "X-Repo-Commit": commit }),
      ),
    ]),
  };
}

export const hub: Target = {
  name: "hub",
  share: 1,
  seeds: async () => [hubSeed()],
  isDamaged: () => true,
  mutatorsOf: () => ({ ...jsonMutators, ...byteMutators }),
};
