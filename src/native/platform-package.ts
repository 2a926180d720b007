import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);

/** Platforms that a package with the native addon is made for. */
const platforms = [
  "linux-x64",
  "linux-arm64",
  "linux-x64-musl",
  "linux-arm64-musl",
  "darwin-arm64",
  "darwin-x64",
  "win32-x64",
];

function isMusl(): boolean {
  if (process.platform !== "linux") return false;
  const settings = process.report as { excludeNetwork?: boolean | undefined };
  const { excludeNetwork } = settings;
  settings.excludeNetwork = true; // or it would look up the names of all interfaces
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  settings.excludeNetwork = excludeNetwork;
  return report.header?.glibcVersionRuntime === undefined;
}

let platform: string | undefined;

/** Name of this platform, for example "linux-x64" or "linux-x64-musl". */
function platformName(): string {
  platform ??= `${process.platform}-${process.arch}${isMusl() ? "-musl" : ""}`;
  return platform;
}

/** Folder of an installed package, where it is. */
function packageFolder(name: string): string | undefined {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/** A file of this package: this one, compiled, is two folders below its root. */
function ownFile(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** Whether these sources lie in their own package: they do not in a bundle. */
function isInPackage(): boolean {
  try {
    return (require(ownFile("package.json")) as { name?: unknown }).name === "pixtok";
  } catch {
    return false;
  }
}

/** The addon: of a checkout what was built there, else what the platform's package has. */
export function findAddon(): string | undefined {
  const built = ownFile("build/Release/pixtok.node");
  if (existsSync(built)) return built;
  const folder = packageFolder(`@pixtok/${platformName()}`);
  return folder === undefined ? undefined : join(folder, "pixtok.node");
}

/** Why there is no addon, and what to do about it. */
export function missingAddon(): string {
  const platform = platformName();
  if (!isInPackage()) {
    return "pixtok seems to be part of a bundle, which cannot contain native code; mark it as external in the bundler's configuration and install it beside the bundle";
  }
  if (!platforms.includes(platform)) {
    return `there is no native addon for ${platform}, only for ${platforms.join(", ")}; elsewhere it can be built in a checkout of pixtok with "npm run build"`;
  }
  return `the package @pixtok/${platform}, which has the native addon for this platform, is not installed; install pixtok here again, with optional dependencies, and not from a lock file or node_modules folder of another platform (in a checkout: "npm run build")`;
}

/** Names of a library on the platforms where it is not called as on Linux. */
type LibraryNames = Partial<Record<NodeJS.Platform, string>>;

const jpegNames: LibraryNames = { darwin: "libturbojpeg.dylib", win32: "libturbojpeg.dll" };
const webpNames: LibraryNames = { darwin: "libwebpdecoder.3.dylib", win32: "libwebpdecoder.dll" };
const systemWebpNames: LibraryNames = { darwin: "libwebp.7.dylib", win32: "libwebp.dll" };

/** libturbojpeg where it can be: the platform's package, the package it is taken from, the system. */
export function jpegLibraryCandidates(): string[] {
  const platform = platformName();
  const name = jpegNames[process.platform] ?? "libturbojpeg.so.0";
  const files = existingFiles([
    [packageFolder(`@pixtok/${platform}`), name],
    [packageFolder("@julusian/jpeg-turbo"), `prebuilds/jpeg-turbo-${platform}/${name}`],
  ]);
  return [...files, name];
}

/** libwebp where it can be: what was built in a checkout, the platform's package, the system. */
export function webpLibraryCandidates(): string[] {
  const platform = platformName();
  const name = webpNames[process.platform] ?? "libwebpdecoder.so.3";
  const files = existingFiles([
    [ownFile(`build/platforms/${platform}`), name],
    [packageFolder(`@pixtok/${platform}`), name],
  ]);
  return [...files, systemWebpNames[process.platform] ?? "libwebp.so.7"];
}

/** Of folders, which may not be there, and files in them, those that are. */
function existingFiles(places: readonly (readonly [string | undefined, string])[]): string[] {
  return places
    .filter((place): place is readonly [string, string] => place[0] !== undefined)
    .map((place) => join(...place))
    .filter((path) => existsSync(path));
}
