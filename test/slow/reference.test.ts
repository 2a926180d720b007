// The reference (docs/reference) says everything there is to say. TypeDoc looks for exports and members
// without a comment, and for types that are shown and not exported; the rest is looked for here.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

interface Part {
  text: string;
}

/** The part of TypeDoc's JSON that is looked at. */
interface Reflection {
  name: string;
  flags: { isOptional?: boolean };
  comment?: { summary: Part[] };
  children?: Reflection[];
  type?: { declaration?: Reflection; types?: { value?: unknown }[] };
}

const root = fileURLToPath(new URL("../..", import.meta.url));
let folder: string;
let reference: Reflection;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "pixtok-reference-"));
  const json = join(folder, "reference.json");
  // types are checked by another command
  const own = ["--json", json, "--skipErrorChecking"];
  const given = ["run", "build", "--workspace", "docs/reference", "--", ...own];
  await promisify(execFile)("npm", given, { cwd: root }).catch(({ stdout, stderr }) => {
    assert.fail(`${stdout}${stderr}`);
  });
  reference = JSON.parse(readFileSync(json, "utf8")) as Reflection;
});

after(() => rmSync(folder, { recursive: true }));

/** Options that may be left out, as `Interface.option`, with their comments. */
function optionalMembers({ name, children = [] }: Reflection): [string, string][] {
  return children.flatMap((child): [string, string][] => {
    const inner = child.type?.declaration;
    const nested = inner === undefined ? [] : optionalMembers({ ...inner, name: child.name });
    const text = (child.comment?.summary ?? []).map((part) => part.text).join("");
    const own: [string, string][] = child.flags.isOptional ? [[child.name, text]] : [];
    return [...own, ...nested].map(([member, comment]) => [`${name}.${member}`, comment]);
  });
}

test("every option that may be left out says what its default is", () => {
  const interfaces = (reference.children ?? []).filter(({ name }) => name.endsWith("Options"));
  const options = interfaces.flatMap(optionalMembers);
  assert.ok(options.length > 100, `${options.length} options were found`);
  const silent = options.filter(([, comment]) => !/\bdefault\b/i.test(comment));
  assert.deepEqual(
    silent.map(([name]) => name),
    [],
  );
});

test("every option is on the page of options", () => {
  const page = readFileSync(join(root, "docs/options.md"), "utf8");
  // an option has code of its own, or is a key of one: `part.index` is in `{ index, of }`
  const named = new Set(
    [...page.matchAll(/`[^`\n]+`/g)].flatMap(([code]) => code.match(/\w+/g) ?? []),
  );
  const missing = (reference.children ?? [])
    .filter(({ name }) => name.endsWith("Options") && name !== "PixtokErrorOptions")
    .flatMap(({ name, children = [] }) => children.map((option) => [name, option.name] as const))
    .filter(([, option]) => !named.has(option))
    .map(([name, option]) => `${name}.${option}`);
  assert.deepEqual(missing, []);
});

test("every error code is in the guide to errors", () => {
  const codes = reference.children?.find(({ name }) => name === "PixtokErrorCode")?.type?.types;
  assert.ok(codes !== undefined && codes.length > 40);
  const guide = readFileSync(join(root, "docs/guides/errors.md"), "utf8");
  const missing = codes.filter(({ value }) => !guide.includes(`\`${value}\``));
  assert.deepEqual(missing, []);
});
