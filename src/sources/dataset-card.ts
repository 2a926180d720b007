import type { DocumentOptions, ParseOptions, SchemaOptions } from "yaml";
import { describe, isObject, wrongType } from "../shared/validation.js";
import { withoutIndexes } from "../shared/written-beside.js";
import type { WantedFiles } from "./folder/listed-files.js";
import { unknownSource } from "./found-source.js";
import { glob, globOfFolders } from "./glob.js";
import { namesOfSplit } from "./splits.js";

/** One of several sets that a repository of the hub has, as its README says in `configs:`. */
export interface CardConfig {
  readonly name: string;
  readonly isDefault: boolean;
  /** The folder that patterns start in; "" where that is the repository. */
  readonly folder: string;
  /** Patterns of each split's files; null where the folder is to be looked into. */
  readonly splits: ReadonlyMap<string, readonly string[]> | null;
}

/** Between two lines of three hyphens, in front of the text. */
const FRONT_MATTER = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/;

/** A longer list takes seconds to parse. */
const MOST_YAML = 2 ** 18;

/** The lines of `configs:` alone: others of a README may be many, such as names of classes. */
function configsIn(readme: string): string | undefined {
  const [, matter = ""] = FRONT_MATTER.exec(readme) ?? [];
  const lines = matter.split(/\r?\n/);
  const first = lines.findIndex((line) => /^configs[ \t]*:/.test(line));
  if (first === -1) return undefined;
  const length = lines.slice(first + 1).findIndex((line) => /^[^\s#-]/.test(line));
  return lines.slice(first, length === -1 ? undefined : first + 1 + length).join("\n");
}

/** A path or pattern within the repository. */
function partsOf(path: string): string {
  return path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}

const areTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string");

/** As `datasets` takes `data_files`; undefined where it would not. */
function splitsOf(files: unknown): Map<string, readonly string[]> | undefined {
  if (typeof files === "string") return new Map([["train", [files]]]);
  if (areTexts(files)) return new Map([["train", files]]);
  if (!Array.isArray(files)) return undefined;
  const splits = new Map<string, readonly string[]>();
  for (const one of files) {
    if (!isObject(one) || typeof one.split !== "string" || splits.has(one.split)) return undefined;
    const { path } = one;
    if (typeof path !== "string" && !areTexts(path)) return undefined;
    splits.set(one.split, typeof path === "string" ? [path] : path);
  }
  return splits;
}

/** As Python's PyYAML reads it: `yes` and `off` are truth values, a letter alone is a text. */
const asPyYaml = {
  version: "1.1",
  customTags: (tags) =>
    tags.map((tag) =>
      typeof tag === "object" && tag.tag === "tag:yaml.org,2002:bool" && "test" in tag && tag.test
        ? { ...tag, test: new RegExp(`(?!^.$)${tag.test.source}`) }
        : tag,
    ),
} satisfies ParseOptions & DocumentOptions & SchemaOptions;

/**
 * The sets that a README of the hub names.
 *
 * @param source of the README, for errors.
 * @throws {PixtokError} UNKNOWN_SOURCE where `configs:` is not as `datasets` takes it.
 */
async function cardConfigs(readme: string, source: string): Promise<readonly CardConfig[]> {
  const text = configsIn(readme);
  if (text === undefined) return [];
  const refused = (what: string) => unknownSource(source, `configs: ${what}`);
  if (text.length > MOST_YAML) {
    throw refused(`at most ${MOST_YAML} characters are read, got ${text.length}`);
  }
  // loaded only when it is needed
  const { parse } = await import("yaml");
  let list: unknown;
  try {
    list = (parse(text, asPyYaml) as { configs: unknown }).configs;
  } catch (cause) {
    const [line] = (cause as Error).message.split("\n");
    throw refused(`this is not YAML that can be read: ${line}`);
  }
  if (list === null) return [];
  if (!Array.isArray(list)) throw refused(`expected a list, got ${describe(list)}`);
  return list.map((one: unknown, place): CardConfig => {
    const at = `entry ${place + 1}`;
    if (!isObject(one))
      throw refused(`${at}: expected config_name and others, got ${describe(one)}`);
    const { config_name: name, data_dir: folder, data_files: files } = one;
    if (typeof name !== "string" && typeof name !== "number") {
      throw refused(`${at}: config_name: expected a text, got ${describe(name)}`);
    }
    if (folder !== undefined && folder !== null && typeof folder !== "string") {
      throw refused(`${at}: data_dir: expected a text, got ${describe(folder)}`);
    }
    if (folder?.split(/[\\/]/).includes("..")) {
      throw refused(`${at}: data_dir: expected a folder in this one, got ${describe(folder)}`);
    }
    const splits = files === undefined || files === null ? null : splitsOf(files);
    if (splits === undefined) {
      const expected =
        "expected a pattern, a list of them, or a list of split and path, each split once";
      throw refused(`${at}: data_files: ${expected}, got ${describe(files)}`);
    }
    return {
      name: String(name),
      isDefault: one.default === true,
      folder: partsOf(folder ?? ""),
      splits,
    };
  });
}

/**
 * The set that is asked for, or the default one; undefined where a dataset has no README, or the README no list.
 *
 * @throws {PixtokError} UNKNOWN_SOURCE where there is none of this name, or cardConfigs() throws it.
 * @throws {TypeError} for a name where there is no list.
 */
export async function configOf(
  readme: { readonly text: string; readonly name: string } | undefined,
  wanted: string | undefined,
): Promise<CardConfig | undefined> {
  const configs = readme === undefined ? [] : await cardConfigs(readme.text, readme.name);
  if (readme !== undefined && configs.length > 0) return chooseConfig(configs, wanted, readme.name);
  // as the only set is called
  if (wanted !== undefined && wanted !== "default") throw noConfigs(wanted);
  return undefined;
}

export function noConfigs(config: string): TypeError {
  const expected = "none but with a dataset whose README has configs";
  return wrongType("config", expected, config);
}

function chooseConfig(
  configs: readonly CardConfig[],
  wanted: string | undefined,
  source: string,
): CardConfig {
  const names = configs.map(({ name }) => name);
  const list = names.slice(0, MOST_NAMED).join(", ") + (names.length > MOST_NAMED ? ", …" : "");
  const isMeant = ({ name, isDefault }: CardConfig) =>
    wanted === undefined
      ? configs.length === 1 || name === "default" || isDefault
      : name === wanted;
  const [found, second] = configs.filter(isMeant);
  if (found !== undefined && second === undefined) return found;
  const got = wanted === undefined ? "" : `, got ${describe(wanted)}`;
  throw unknownSource(source, `config: expected one of ${list}${got}`);
}

const MOST_NAMED = 20;

/** A set whose README has patterns of its files. */
export type PatternConfig = CardConfig & {
  readonly splits: ReadonlyMap<string, readonly string[]>;
};

/** Files that the patterns of a set's splits may mean. */
export function filesWanted({ folder, splits }: PatternConfig): WantedFiles {
  const prefix = folder === "" ? "" : `${folder}/`;
  const patterns = [...splits.values()].flat();
  const files = patterns.map(glob);
  const folders = patterns.map(globOfFolders);
  const isBelow = (path: string, tests: readonly ((path: string) => boolean)[]) =>
    path.startsWith(prefix) && tests.some((test) => test(path.slice(prefix.length)));
  return {
    isFile: (path) => isBelow(path, files),
    mayHold: (path) => prefix.startsWith(`${path}/`) || isBelow(path, folders),
  };
}

/**
 * Paths of a split's files, in the order of its patterns, each once.
 *
 * @throws {PixtokError} UNKNOWN_SOURCE where there is no such split, or there are several, or it has no files.
 */
export function filesOfConfig(
  { name, folder, splits }: PatternConfig,
  split: string | undefined,
  paths: Iterable<string>,
  source: string,
): readonly string[] {
  const names = [...splits.keys()];
  const of = `the config ${describe(name)}`;
  const [found, second] = split === undefined ? names : namesOfSplit(names, split);
  if (found === undefined || second !== undefined) {
    const got = split === undefined ? "" : `, got ${describe(split)}`;
    const expected = names.length === 0 ? "there are none" : `expected one of ${names.join(", ")}`;
    throw unknownSource(source, `split: ${expected} in ${of}${got}`);
  }
  const prefix = folder === "" ? "" : `${folder}/`;
  const sorted = [...paths].filter((path) => path.startsWith(prefix)).sort();
  const all = new Set<string>();
  for (const pattern of splits.get(found) ?? []) {
    const isMatch = glob(pattern);
    for (const path of sorted) {
      if (!ignored.test(path) && isMatch(path.slice(prefix.length))) all.add(path);
    }
  }
  const files = withoutIndexes([...all]);
  if (files.length > 0) return files;
  throw unknownSource(source, `${of} has no files that match ${splits.get(found)?.join(", ")}`);
}

/** What is never data, whatever a pattern says. */
const ignored =
  /(^|\/)(README\.md|config\.json|dataset_infos?\.json|dummy_data\.zip|dataset_dict\.json)$/;
