import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { RemoteFile } from "../remote/remote-file.js";
import type { RemoteFolder } from "../remote/remote-folder.js";
import { nameInUrl, remoteLocation, shownUrl, urlWithin } from "../remote/remote-location.js";
import { type RemoteSettings, remoteReaders } from "../remote/remote-options.js";
import { remotePlaces } from "../remote/remote-places.js";
import { randomToken } from "../shared/atomic-file.js";
import { PixtokError } from "../shared/errors.js";
import { machineFault } from "../shared/machine-fault.js";
import { readOptions } from "../shared/options.js";
import { describe, wrongType } from "../shared/validation.js";
import { type CardConfig, cardConfigs, chooseConfig, filesOfConfig } from "./dataset-card.js";
import { expandBraces } from "./file-pattern.js";
import { type Found, unknownSource } from "./found-source.js";
import { isImageName } from "./image-names.js";
import { kindOfFile, kindsOfFiles } from "./kind-of-file.js";
import { jsonShape } from "./manifest/json-pairs.js";
import { parsePackedFileName } from "./packed/pack-format.js";
import { isRemotePack } from "./packed/remote-schema.js";
import { findInFolder } from "./source-folder.js";
import type { SourceKind } from "./source-kinds.js";

/** What a user says of the data. */
interface Wanted {
  readonly kind: SourceKind | undefined;
  readonly split: string | undefined;
  readonly config: string | undefined;
}

/** How much of a JSON file is read to find its kind. */
const SHAPE_BYTES = 1 << 16;

/** What is beside the files of a packed set, and is part of it. */
const besidePacked = ["tokenizer.json", "tokenizer_config.json"];

const kindOfUrl = (url: string): SourceKind | undefined => {
  const name = nameInUrl(url);
  return parsePackedFileName(name) === undefined ? kindOfFile(name) : "packed";
};

/** The kind of a file, of JSON and Arrow by how it begins. */
async function kindOf(file: RemoteFile): Promise<SourceKind | undefined> {
  const kind = kindOfUrl(file.url);
  if (kind === "packed") return (await isRemotePack(file)) ? kind : "arrow";
  if (kind !== "coco") return kind;
  const bytes = await file.read(0, Math.min(file.size ?? 1, SHAPE_BYTES));
  return jsonShape(bytes.toString("utf8")) === "pairs" ? "manifest" : "coco";
}

/** Whether a name that a server gives leads to a file below a folder, and is the same once it is there. */
function isPath(name: string): boolean {
  return !/[\\\0]/.test(name) && name.split("/").every((part) => !["", ".", ".."].includes(part));
}

/** Nothing is left out that may be a part of the data. */
function notNameable(outline: string, path: string, cause?: unknown): PixtokError {
  const message = `${describe(path)} cannot be the name of a file; expected URLs of files, or a pattern such as *.tar, in place of the folder`;
  return unknownSource(outline, message, cause);
}

async function outlineFile(outline: string, path: string, content: string): Promise<void> {
  if (!isPath(path)) throw notNameable(outline, path);
  try {
    await mkdir(join(outline, dirname(path)), { recursive: true });
    await writeFile(join(outline, path), content);
  } catch (cause) {
    throw machineFault(cause, { source: outline }) ?? notNameable(outline, path, cause);
  }
}

/** Names by which a folder is known for what it is; of images one in each folder is enough. */
function telling(folder: RemoteFolder): string[] {
  const withImages = new Set<string>();
  return [...folder.paths()].filter((path) => {
    if (/\.(json|arrow)$/i.test(path) || kindOfFile(path) !== undefined) return true;
    if (!isImageName(path) || withImages.has(dirname(path)) || !isPath(path)) return false;
    withImages.add(dirname(path));
    return true;
  });
}

/**
 * What there is in a folder, found as in a folder here: in an outline of it, whose files have its names, and
 * are most often empty.
 */
async function findInOutline(
  url: string,
  folder: RemoteFolder,
  { kind, split }: Pick<Wanted, "kind" | "split">,
): Promise<Found> {
  const outline = join(tmpdir(), `pixtok-outline-${randomToken()}`);
  const shown = shownUrl(url).replace(/\/+$/, "");
  try {
    await mkdir(outline);
    for (const path of telling(folder)) {
      // it names the files of what save_to_disk() wrote
      const isState = basename(path) === "state.json";
      const content = isState ? await textOf(folder.file(path) as RemoteFile) : "";
      await outlineFile(outline, path, content);
    }
    const { paths, ...rest } = await findInFolder(outline, kind, split);
    const { kind: found } = rest;
    const names = (paths as string[]).map((path) =>
      path.slice(outline.length + 1).replaceAll("\\", "/"),
    );
    if (found === "images") return imagesBelow(url, folder, names[0] ?? "");
    if (found === "packed") return { kind: found, paths: packedFiles(folder, names[0] ?? "") };
    const files = names.map((name) => {
      const file = folder.file(name);
      if (file === undefined) throw notNameable(outline, name);
      return file;
    });
    return { ...rest, paths: files };
  } catch (error) {
    if (!(error instanceof PixtokError)) throw error;
    const { code, reason, source, cause } = error;
    const named = (text: string) => text.replaceAll(outline, shown);
    throw new PixtokError(code, named(reason), { source: source && named(source), cause });
  } finally {
    await rm(outline, { recursive: true, force: true });
  }
}

/** What there is in a folder; of a dataset on the hub, what its README says. */
async function findInRemoteFolder(
  url: string,
  folder: RemoteFolder,
  wanted: Wanted,
): Promise<Found> {
  const location = remoteLocation(url);
  const isDataset = location.kind === "hub" && /^\/*$/.test(location.path);
  const card = isDataset ? folder.file("README.md") : undefined;
  const configs = card === undefined ? [] : await cardConfigs(await textOf(card), card.name);
  const { config } = wanted;
  if (card !== undefined && configs.length > 0) {
    return findConfig(url, folder, chooseConfig(configs, config, card.name), wanted);
  }
  // as the only set is called
  if (config !== undefined && config !== "default") throw noConfigs(config);
  return findInOutline(url, folder, wanted);
}

function noConfigs(config: string): TypeError {
  const expected = "none but with a dataset on the hub whose README has configs";
  return wrongType("config", expected, config);
}

async function textOf(file: RemoteFile): Promise<string> {
  const { path, release } = await file.hold();
  return readFile(path, "utf8").finally(release);
}

/** The files of a set that a dataset's README names. */
async function findConfig(
  url: string,
  folder: RemoteFolder,
  config: CardConfig,
  { kind, split }: Wanted,
): Promise<Found> {
  const { splits } = config;
  if (splits === null) {
    const below = folder.within(config.folder);
    const place = config.folder === "" ? url : urlWithin(url, config.folder);
    return findInOutline(place, below, { kind, split });
  }
  const source = shownUrl(url);
  const paths = filesOfConfig({ ...config, splits }, split, folder.paths(), source);
  const files = paths.map((path) => folder.file(path) as RemoteFile);
  const [first] = files as [RemoteFile];
  const kinds = new Set(files.map((file) => kindOfUrl(file.url)));
  const only = kinds.size === 1 ? await kindOf(first) : undefined;
  if (only !== undefined) return { kind: kind ?? only, paths: files };
  // images, and what is said of them
  return findInOutline(url, folder.only(paths), { kind, split: undefined });
}

/** What is below a folder of images; `path` leads there. */
function imagesBelow(url: string, folder: RemoteFolder, path: string): Found {
  const place = path === "" ? url : urlWithin(url, path);
  return { kind: "images", paths: [place], below: folder.within(path) };
}

/** Files of a packed set, which are in one folder. */
function packedFiles(folder: RemoteFolder, path: string): RemoteFile[] {
  const own = folder.within(path);
  const names = [...own.paths()].filter(
    (name) => parsePackedFileName(name) !== undefined || besidePacked.includes(name),
  );
  return names.map((name) => own.file(name) as RemoteFile);
}

async function find(
  urls: readonly string[],
  wanted: Wanted,
  settings: RemoteSettings,
): Promise<Found> {
  const { kind, split, config } = wanted;
  const places = remotePlaces(settings);
  const names = urls.flatMap((url) => expandBraces("data", url));
  const [only = ""] = names;
  const mayBeFolder = names.length === 1 && !only.includes("*") && kindOfUrl(only) === undefined;
  if (mayBeFolder && (kind === undefined || remoteLocation(only).kind !== "http")) {
    const folder = await places.below(only);
    if (folder.size > 0) return findInRemoteFolder(only, folder, wanted);
    if (kind === undefined) throw nothingThere(only);
  }
  if (config !== undefined) throw noConfigs(config);
  const files = (await Promise.all(names.map(places.files))).flat();
  const ofFiles = { paths: files, ...(split !== undefined && { split }) };
  if (kind !== undefined) return { kind, ...ofFiles };
  const [first, second] = files as [RemoteFile, RemoteFile?];
  const kinds = new Set(files.map(({ url }) => kindOfUrl(url)));
  const [found] = kinds;
  const isKnown = second !== undefined && found !== "packed";
  const one = isKnown ? found : await kindOf(first);
  if (one !== undefined && kinds.size === 1) return { kind: one, ...ofFiles };
  const known = Object.keys(kindsOfFiles).join(", ");
  throw unknownSource(first.name, `expected files of one kind (${known}), or kind to be given`);
}

function nothingThere(url: string): PixtokError {
  const message = "there is nothing of this name, and nothing below it";
  return new PixtokError("REMOTE_NOT_FOUND", message, { source: shownUrl(url) });
}

/**
 * What there is at URLs.
 *
 * @param options of the source, among them those of remote files.
 * @throws {PixtokError} UNKNOWN_SOURCE, and those of servers, which begin with REMOTE_ and HUB_.
 */
export async function findRemoteSource(
  urls: readonly string[],
  wanted: Wanted,
  options: object,
): Promise<Found> {
  const isOfRemote = (name: string) => Object.hasOwn(remoteReaders, name);
  const own = Object.entries(options).filter(([name]) => isOfRemote(name));
  return find(urls, wanted, readOptions("openSource", Object.fromEntries(own), remoteReaders));
}
