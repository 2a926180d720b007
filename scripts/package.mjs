// Makes the packages that are published: `pixtok`, and one with the native addon for each platform.
//
//   node scripts/package.mjs           all of them, from build/platforms
//   node scripts/package.mjs --here    pixtok and this platform's, from build/Release
//
// They are put together in build/packages, a folder and a tarball each. Run after the builds: npm run
// build, and node scripts/build-platforms.mjs for all platforms. None of them has an install script.

import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { platforms, thisPlatform } from "./platforms.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = join(root, "build/packages");
const require = createRequire(import.meta.url);
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const { version, license, engines } = manifest;
const notices = ["LICENSE", "THIRD-PARTY-NOTICES.md"];

function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true });
}

function pack(folder, packageJson) {
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(packageJson, null, 2)}\n`);
  const packed = execFileSync("npm", ["pack", folder, "--json", "--pack-destination", out], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [{ filename, size }] = Object.values(JSON.parse(packed));
  console.log(`${filename} ${Math.ceil(size / 1024)} KiB`);
}

/** The libturbojpeg of a platform: what was built for it, or else npm's. */
function jpegLibrary({ name, library }) {
  const julusian = dirname(require.resolve("@julusian/jpeg-turbo/package.json"));
  return [
    join(root, "build/platforms", name, library),
    join(julusian, `prebuilds/jpeg-turbo-${name}`, library),
  ].find((file) => existsSync(file));
}

/** libwebp's decoder, where it was built for the platform. */
function webpLibrary({ name, webpLibrary }) {
  const file = join(root, "build/platforms", name, webpLibrary);
  return existsSync(file) ? file : undefined;
}

function packPlatform(platform, addon) {
  const { name, os, cpu, libc } = platform;
  const folder = join(out, name);
  if (!existsSync(addon)) {
    throw new Error(`${relative(root, addon)} is missing: run the build for ${name} first`);
  }
  copy(addon, join(folder, "pixtok.node"));
  const libraries = [jpegLibrary(platform), webpLibrary(platform)].filter(Boolean);
  for (const library of libraries) copy(library, join(folder, basename(library)));
  for (const notice of notices) copy(join(root, notice), join(folder, notice));
  writeFileSync(
    join(folder, "README.md"),
    `# @pixtok/${name}\n\nThe native addon of pixtok for ${name}. Install \`pixtok\`, which depends on it.\n`,
  );
  pack(folder, {
    name: `@pixtok/${name}`,
    version,
    description: `The native addon of pixtok for ${name}`,
    license,
    engines,
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
    main: "./pixtok.node",
    exports: { ".": "./pixtok.node", "./package.json": "./package.json" },
    files: ["pixtok.node", "THIRD-PARTY-NOTICES.md", ...libraries.map((file) => basename(file))],
  });
}

/** Copies a page and, one after the other, every file of the project that it links to. */
function copyPage(page, folder, done = new Set()) {
  if (done.has(page)) return;
  done.add(page);
  copy(join(root, page), join(folder, page));
  if (!page.endsWith(".md")) return;
  for (const [, link] of readFileSync(join(root, page), "utf8").matchAll(
    /\]\(([^)#\s]+)[^)]*\)/g,
  )) {
    if (/^[a-z]+:/.test(link)) continue;
    const target = relative(root, resolve(root, dirname(page), link));
    if (!existsSync(join(root, target))) throw new Error(`${page}: there is no ${link}`);
    copyPage(target, folder, done);
  }
}

function packMain() {
  const folder = join(out, "pixtok");
  for (const part of ["dist", "python"]) copy(join(root, part), join(folder, part));
  const pages = new Set();
  for (const page of ["README.md", "CHANGELOG.md", ...notices]) copyPage(page, folder, pages);
  const { private: _, scripts, devDependencies, workspaces, binary, ...rest } = manifest;
  const optional = platforms.map(({ name }) => [`@pixtok/${name}`, version]);
  pack(folder, {
    ...rest,
    files: ["dist", "python", ...[...pages].filter((page) => page !== "README.md").sort()],
    optionalDependencies: Object.fromEntries(optional),
  });
}

rmSync(out, { recursive: true, force: true });
packMain();
if (process.argv.includes("--here")) {
  packPlatform(thisPlatform(), join(root, "build/Release/pixtok.node"));
} else {
  for (const platform of platforms) {
    packPlatform(platform, join(root, "build/platforms", platform.name, "pixtok.node"));
  }
}
