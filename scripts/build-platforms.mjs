// Builds the addon for every platform, on one Linux machine, with zig's C++ compiler:
//
//   node scripts/build-platforms.mjs [--tests] [--jpeg] [--webp] [--no-addon] [platform...]
//
// Leaves build/platforms/<platform>/pixtok.node. Beside it with --tests the native test program, but for
// macOS, whose programs run nowhere here; with --jpeg the platform's libturbojpeg, and with --webp
// libwebp's decoder, which the addon opens at run time. They are built from the source in the crates
// turbojpeg-sys and libwebp-sys (with cargo, which checks what it downloads, and nasm for libturbojpeg
// on x64); libturbojpeg comes out of the npm package where that has one. With --no-addon nothing else is
// built.
//
// Needs CMake, ninja or make, and zig: `pip install ziglang`, or a zig named by the environment
// variable ZIG. The first build for a platform also builds zig's C and C++ libraries for it, which
// takes minutes; zig keeps them.

import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism } from "node:os";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { platforms as published } from "./platforms.mjs";

// glibc 2.28 and macOS 11 are what Node 20 itself runs on.
const targets = {
  "linux-x64": "x86_64-linux-gnu.2.28",
  "linux-x64-musl": "x86_64-linux-musl",
  "linux-arm64": "aarch64-linux-gnu.2.28",
  "linux-arm64-musl": "aarch64-linux-musl",
  "darwin-arm64": "aarch64-macos.11.0",
  "darwin-x64": "x86_64-macos.11.0",
  "win32-x64": "x86_64-windows-gnu",
};

const root = fileURLToPath(new URL("..", import.meta.url));

// libjpeg-turbo 3.1.0, as crates.io has it.
const jpegCrate = {
  name: "turbojpeg-sys",
  version: "1.2.0",
  checksum: "49b5a974bc59382d35927e3a07eef2ba9a24fe7227cefe52ec44b508e1b90f86",
  folder: "libjpeg-turbo",
};

// libwebp 1.6.0.
const webpCrate = {
  name: "libwebp-sys",
  version: "0.14.4",
  checksum: "6b3a87b44e34d17161e4f17d92a463d596cb13825dcd1758ed18fd3a721e189c",
  folder: "vendor",
};

class Failure extends Error {}

/** What a program prints; undefined where there is no such program or it fails. */
function output(command, ...args) {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

function findZig() {
  const packaged =
    "import os, ziglang; print(os.path.join(os.path.dirname(ziglang.__file__), 'zig'))";
  const zig = process.env.ZIG ?? output("python3", "-c", packaged) ?? "zig";
  if (output(zig, "version") === undefined) {
    throw new Failure(`zig is missing (${zig}): pip install ziglang, or set ZIG to the program`);
  }
  return zig;
}

function findGenerator() {
  if (output("ninja", "--version") !== undefined) return "Ninja";
  if (output("make", "--version") !== undefined) return "Unix Makefiles";
  throw new Failure("ninja and make are missing: one of them is needed");
}

/** Resolves when the program has succeeded; fails with what it has printed. */
function run(command, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        printed += text;
      });
    }
    child.on("error", reject);
    child.on("close", (status) => {
      if (status === 0) resolve();
      else reject(new Failure(`${command} ${args.join(" ")}\n${printed}`));
    });
  });
}

function configure(source, folder, platform, { zig, generator }, settings) {
  return run("cmake", [
    ...["-S", source, "-B", folder, "-G", generator],
    `-DCMAKE_TOOLCHAIN_FILE=${root}cmake/zig.cmake`,
    "-DCMAKE_BUILD_TYPE=Release",
    `-DPIXTOK_ZIG=${zig}`,
    `-DPIXTOK_ZIG_TARGET=${targets[platform]}`,
    ...settings,
  ]);
}

function compile(folder, jobs, wanted) {
  return run("cmake", ["--build", folder, "--parallel", String(jobs), "--target", ...wanted]);
}

/** The folder of a library's source in a crate, downloaded by cargo where it is not there yet. */
async function fetchSource(crate) {
  if (output("cargo", "--version") === undefined) {
    throw new Failure("cargo is missing (for --jpeg and --webp)");
  }
  const folder = `build/platforms/${crate.name}-source`;
  mkdirSync(`${root}${folder}/src`, { recursive: true });
  writeFileSync(`${root}${folder}/src/lib.rs`, "");
  writeFileSync(
    `${root}${folder}/Cargo.toml`,
    `[package]\nname = "source"\nversion = "0.0.0"\nedition = "2021"\n\n` +
      `[dependencies]\n${crate.name} = "=${crate.version}"\n\n[workspace]\n`,
  );
  const manifest = `${root}${folder}/Cargo.toml`;
  await run("cargo", ["fetch", "--manifest-path", manifest]);
  const lock = readFileSync(`${root}${folder}/Cargo.lock`, "utf8");
  if (!lock.includes(`checksum = "${crate.checksum}"`)) {
    throw new Failure(`${crate.name} ${crate.version} is not what it was: its checksum differs`);
  }
  const args = ["metadata", "--format-version", "1", "--offline", "--manifest-path", manifest];
  const { packages } = JSON.parse(output("cargo", ...args));
  const { manifest_path } = packages.find(({ name }) => name === crate.name);
  return `${dirname(manifest_path)}/${crate.folder}`;
}

async function addJpegLibrary(platform, folder, options) {
  const { library: name } = published.find((one) => one.name === platform);
  const prebuilt = `${root}node_modules/@julusian/jpeg-turbo/prebuilds/jpeg-turbo-${platform}/${name}`;
  if (existsSync(prebuilt)) {
    copyFileSync(prebuilt, `${root}${folder}/${name}`);
    return `${folder}/${name}`;
  }
  const library = `${folder}/libjpeg-turbo`;
  // The prefix has no meaning, but the default for Windows is no path here.
  await configure(options.jpegSource, library, platform, options, [
    "-DCMAKE_INSTALL_PREFIX=/usr",
    "-DENABLE_STATIC=OFF",
    "-DREQUIRE_SIMD=ON",
  ]);
  await compile(library, options.jobs, ["turbojpeg"]);
  copyFileSync(`${root}${library}/${name}`, `${root}${folder}/${name}`);
  return `${folder}/${name}`;
}

async function addWebpLibrary(platform, folder, options) {
  const { webpLibrary: name } = published.find((one) => one.name === platform);
  const library = `${folder}/libwebp`;
  await configure("cmake/libwebp", library, platform, options, [
    `-DPIXTOK_WEBP_SOURCE=${options.webpSource}`,
  ]);
  await compile(library, options.jobs, ["webpdecoder"]);
  copyFileSync(`${root}${library}/${name}`, `${root}${folder}/${name}`);
  return `${folder}/${name}`;
}

/** The files that were made. */
async function build(platform, options) {
  const folder = `build/platforms/${platform}`;
  mkdirSync(`${root}${folder}`, { recursive: true });
  const made = options.addon ? [await addAddon(platform, folder, options)] : [];
  if (options.jpegSource !== undefined) made.push(await addJpegLibrary(platform, folder, options));
  if (options.webpSource !== undefined) made.push(await addWebpLibrary(platform, folder, options));
  return made;
}

async function addAddon(platform, folder, options) {
  const tests = options.tests && !platform.startsWith("darwin-");
  await configure(".", folder, platform, options, [
    "-DPIXTOK_BUILD_ADDON=ON",
    `-DBUILD_TESTING=${tests ? "ON" : "OFF"}`,
    `-DPIXTOK_PROGRAM_FOLDER=${root}${folder}`,
  ]);
  await compile(folder, options.jobs, tests ? ["pixtok", "pixtok_test"] : ["pixtok"]);
  return `${folder}/pixtok.node`;
}

async function main() {
  const { values, positionals } = parseArgs({
    options: {
      tests: { type: "boolean", default: false },
      jpeg: { type: "boolean", default: false },
      webp: { type: "boolean", default: false },
      "no-addon": { type: "boolean", default: false },
    },
    allowPositionals: true,
  });
  const platforms = positionals.length > 0 ? positionals : Object.keys(targets);
  const unknown = platforms.find((platform) => !Object.hasOwn(targets, platform));
  if (unknown !== undefined) {
    throw new Failure(
      `no such platform: ${unknown} (there are ${Object.keys(targets).join(", ")})`,
    );
  }
  if (output("cmake", "--version") === undefined) throw new Failure("cmake is missing");
  if (!existsSync(`${root}node_modules/node-api-headers`)) {
    throw new Failure("node-api-headers is missing: run npm ci");
  }
  if (values.jpeg && output("nasm", "--version") === undefined) {
    throw new Failure("nasm is missing (for --jpeg)");
  }
  // Platforms side by side rather than files: zig builds its own libraries, and links, on one core.
  const cores = availableParallelism();
  const atOnce = Math.min(cores, platforms.length);
  const options = {
    zig: findZig(),
    generator: findGenerator(),
    tests: values.tests,
    addon: !values["no-addon"],
    jpegSource: values.jpeg ? await fetchSource(jpegCrate) : undefined,
    webpSource: values.webp ? await fetchSource(webpCrate) : undefined,
    jobs: Math.ceil(cores / atOnce),
  };
  const queue = [...platforms];
  const failed = [];
  const work = async () => {
    for (let platform = queue.shift(); platform !== undefined; platform = queue.shift()) {
      const start = performance.now();
      try {
        const made = await build(platform, options);
        const bytes = made.reduce((sum, file) => sum + statSync(`${root}${file}`).size, 0);
        const kilobytes = Math.round(bytes / 1024);
        const seconds = ((performance.now() - start) / 1000).toFixed(1);
        console.log(
          `${platform.padEnd(17)} ${String(kilobytes).padStart(5)} KiB ${seconds.padStart(6)} s`,
        );
      } catch (error) {
        failed.push(platform);
        console.error(`${platform}: ${error instanceof Failure ? error.message : error.stack}`);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  if (failed.length > 0) throw new Failure(`not built: ${failed.join(", ")}`);
}

main().catch((error) => {
  console.error(error instanceof Failure ? error.message : error);
  process.exitCode = 1;
});
