// Installs the packages as users do, and runs the README's programs from there.
//
//   node scripts/try-packages.mjs [--node PATH] [--platform NAME] [--wrapper "COMMAND ARGUMENT …"]
//
// Takes what scripts/package.mjs has put into build/packages. A registry on this machine serves @pixtok,
// everything else is from the usual one; there is no compiler on the PATH, and no package may run a script.
// The tensors have to be those that a checkout gives here. --node is what runs the installed programs, in
// place of this Node, with a wrapper such as "qemu-aarch64 -L /usr/aarch64-linux-gnu" before it where it is
// another platform's. pnpm is installed by `npm ci --prefix test/runtimes`.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { delimiter, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { platforms, thisPlatform } from "./platforms.mjs";

const { values: options } = parseArgs({
  options: {
    node: { type: "string", default: process.execPath },
    platform: { type: "string", default: thisPlatform().name },
    wrapper: { type: "string", default: "" },
  },
});
const root = fileURLToPath(new URL("..", import.meta.url));
const packages = join(root, "build/packages");
const data = join(root, "test/data");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const platform = platforms.find(({ name }) => name === options.platform);
if (platform === undefined) throw new Error(`there is no platform ${options.platform}`);
const command = [...options.wrapper.split(" ").filter(Boolean), resolve(options.node)];
const node = command.with(0, findProgram(command[0]));

const main = tarball("pixtok");
const addon = tarball(`pixtok-${platform.name}`);
const temporary = realpathSync(mkdtempSync(join(tmpdir(), "pixtok-try-")));
const env = { ...process.env, PATH: pathWithoutCompiler(["node", "npm", "sh", "env"]) };
const pnpm = join(root, "test/runtimes/node_modules/@pnpm/exe.linux-x64/pnpm");

function tarball(name) {
  const file = join(packages, `${name}-${version}.tgz`);
  if (!existsSync(file)) throw new Error(`${file} is missing: run scripts/package.mjs first`);
  return file;
}

function findProgram(name) {
  const files = process.env.PATH.split(delimiter).map((folder) => resolve(folder, name));
  const found = files.find((file) => existsSync(file));
  if (found === undefined) throw new Error(`there is no ${name} on the PATH`);
  return realpathSync(found);
}

/** A folder of links: what is not listed cannot be found. */
function pathWithoutCompiler(names) {
  const folder = join(temporary, "bin");
  mkdirSync(folder);
  for (const name of names) symlinkSync(findProgram(name), join(folder, name));
  return folder;
}

/** A registry of the one package, as far as npm and pnpm ask. */
function answer({ url, headers }, response) {
  const name = `@pixtok/${platform.name}`;
  const path = decodeURIComponent(url);
  if (path === `/${name}.tgz`) return response.end(readFileSync(addon));
  if (path !== `/${name}`) return response.writeHead(404).end("{}");
  const manifest = JSON.parse(readFileSync(join(packages, platform.name, "package.json"), "utf8"));
  const integrity = `sha512-${createHash("sha512").update(readFileSync(addon)).digest("base64")}`;
  const dist = { tarball: `http://${headers.host}/${name}.tgz`, integrity };
  response.writeHead(200, { "content-type": "application/json" }).end(
    JSON.stringify({
      name,
      "dist-tags": { latest: version },
      versions: { [version]: { ...manifest, dist } },
    }),
  );
}

async function run([file, ...args], cwd) {
  return promisify(execFile)(file, args, { cwd, env, encoding: "utf8" }).catch((error) => error);
}

async function succeed(command, cwd) {
  const { code = 0, stdout, stderr } = await run(command, cwd);
  assert.equal(code, 0, `${command.join(" ")}\n${stdout}${stderr}`);
  return stdout;
}

/** An empty project where the package is installed. */
async function install(name, registry, command) {
  const folder = join(temporary, name);
  mkdirSync(folder);
  writeFileSync(join(folder, ".npmrc"), `@pixtok:registry=${registry}\n`);
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  copyFileSync(join(root, "test/consumer/program.mjs"), join(folder, "program.mjs"));
  await succeed([...command, main], folder);
  return folder;
}

const here = thisPlatform();
const target = ["os", "cpu", "libc"].flatMap((key) =>
  platform[key] === here[key] ? [] : [`--${key}=${platform[key]}`],
);
const npmInstall = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", ...target];
const pnpmAdd = [pnpm, "add", "--ignore-scripts", ...target];

/** What the checkout gives: a program below it finds it by the name that it has. */
async function expectedDigests() {
  const program = join(packages, "program.mjs");
  copyFileSync(join(root, "test/consumer/program.mjs"), program);
  return JSON.parse(await succeed([process.execPath, program, data], root)).digests;
}

async function runsAsInTheCheckout(folder) {
  const stdout = await succeed([...node, "program.mjs", data], folder);
  const { digests, decoder } = JSON.parse(stdout);
  assert.deepEqual(digests, await expectedDigests());
  assert.equal(decoder.name, "libjpeg-turbo");
  const library = realpathSync(decoder.library);
  const ending = ["node_modules", "@pixtok", platform.name, platform.library].join(sep);
  assert.ok(library.startsWith(folder) && library.endsWith(ending), library);
}

/** The smoke program, with the images and the tokenizer that it expects beside its folder. */
async function runsInOtherRuntimes(folder) {
  mkdirSync(join(folder, "runtimes"));
  copyFileSync(join(root, "test/runtimes/smoke.mjs"), join(folder, "runtimes/smoke.mjs"));
  symlinkSync(data, join(folder, "data"));
  const runtimes = join(root, "test/runtimes/node_modules");
  for (const command of [
    [join(runtimes, "@oven/bun-linux-x64/bin/bun")],
    [join(runtimes, "@deno/linux-x64-glibc/deno"), "run", "--allow-all"],
  ]) {
    await succeed(["env", "PIXTOK_SMOKE_PACKAGE=pixtok", ...command, "runtimes/smoke.mjs"], folder);
    console.log(`ok: the smoke program runs with it in ${command[0].split(sep).at(-1)}`);
  }
}

async function failsWith(folder, expected) {
  const { code, stderr } = await run([...node, "program.mjs", data], folder);
  assert.equal(code, 1, stderr);
  assert.match(stderr, new RegExp(expected));
}

const notInstalled = `@pixtok/${platform.name}, .* is not installed; install pixtok here again`;

const server = createServer(answer).listen(0, "127.0.0.1");
await once(server, "listening");
const registry = `http://127.0.0.1:${server.address().port}/`;
try {
  const installed = await install("npm", registry, npmInstall);
  await runsAsInTheCheckout(installed);
  console.log("ok: installed by npm, it gives the checkout's tensors with its own libjpeg-turbo");
  if (platform.name === "linux-x64") await runsInOtherRuntimes(installed);
  await runsAsInTheCheckout(await install("pnpm", registry, pnpmAdd));
  console.log("ok: installed by pnpm, it does so too");
  await failsWith(await install("lacking", `${registry}none/`, npmInstall), notInstalled);
  console.log("ok: without the platform's package, the error names it");
  await failsWith(
    await install("omitting", registry, [...npmInstall, "--omit=optional"]),
    "optional dependencies",
  );
  console.log("ok: without any optional dependency, the error asks for them, though it is sharp's");
} finally {
  server.close();
  rmSync(temporary, { recursive: true });
}
