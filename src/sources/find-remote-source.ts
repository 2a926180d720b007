import { readFile } from "node:fs/promises";
import type { RemoteFile } from "../remote/remote-file.js";
import { nameInUrl, remoteLocation, shownUrl } from "../remote/remote-location.js";
import { type RemoteSettings, remoteReaders } from "../remote/remote-options.js";
import { remotePlaces } from "../remote/remote-places.js";
import { PixtokError } from "../shared/errors.js";
import type { ListedFolder } from "../shared/listed-folder.js";
import { readOptions } from "../shared/options.js";
import { configOf, noConfigs } from "./dataset-card.js";
import { expandBraces } from "./file-pattern.js";
import { type DataFolder, findByPatterns, findInOutline, kindOfName } from "./find-in-outline.js";
import { type Found, placeWithin, unknownSource, type WantedData } from "./found-source.js";
import { knownEndings } from "./kind-of-file.js";
import { jsonShape } from "./manifest/json-pairs.js";
import { isRemotePack } from "./packed/remote-schema.js";
import type { SourceKind } from "./source-kinds.js";

/** How much of a JSON file is read to find its kind. */
const SHAPE_BYTES = 1 << 16;

const kindOfUrl = (url: string): SourceKind | undefined => kindOfName(nameInUrl(url));

/** The kind of a file, of JSON and Arrow by how it begins. */
async function kindOf(file: RemoteFile): Promise<SourceKind | undefined> {
  const kind = kindOfUrl(file.url);
  if (kind === "packed") return (await isRemotePack(file)) ? kind : "arrow";
  if (kind !== "coco") return kind;
  const bytes = await file.read(0, Math.min(file.size ?? 1, SHAPE_BYTES));
  return jsonShape(bytes.toString("utf8")) === "other" ? "coco" : "manifest";
}

async function textOf(file: RemoteFile): Promise<string> {
  const { path, release } = await file.hold();
  return readFile(path, "utf8").finally(release);
}

const dataFolder = (place: string, files: ListedFolder<RemoteFile>): DataFolder => ({
  place,
  files,
  kindOf: (file) => kindOf(file as RemoteFile),
  textOf: (file) => textOf(file as RemoteFile),
});

/** What there is in a folder; of a dataset on the hub, what its README says. */
async function findInRemoteFolder(
  url: string,
  files: ListedFolder<RemoteFile>,
  { config, ...wanted }: WantedData,
): Promise<Found> {
  const location = remoteLocation(url);
  const isDataset = location.kind === "hub" && /^\/*$/.test(location.path);
  const readme = isDataset ? files.file("README.md") : undefined;
  const card = readme && { text: await textOf(readme), name: readme.name };
  const chosen = await configOf(card, config);
  if (chosen === undefined) return findInOutline(dataFolder(url, files), wanted);
  const { folder, splits } = chosen;
  if (splits !== null) {
    return findByPatterns(dataFolder(url, files), { ...chosen, splits }, wanted);
  }
  return findInOutline(dataFolder(placeWithin(url, folder), files.within(folder)), wanted);
}

async function find(
  urls: readonly string[],
  wanted: WantedData,
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
  throw unknownSource(
    first.name,
    `expected files of one kind (${knownEndings}), or kind to be given`,
  );
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
  wanted: WantedData,
  options: object,
): Promise<Found> {
  const isOfRemote = (name: string) => Object.hasOwn(remoteReaders, name);
  const own = Object.entries(options).filter(([name]) => isOfRemote(name));
  return find(urls, wanted, readOptions("openSource", Object.fromEntries(own), remoteReaders));
}
