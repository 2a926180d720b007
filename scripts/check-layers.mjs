/**
 * Holds every import of src, and every include of native, to the order of the rooms: a room takes only
 * from rooms below it. Types and dynamic imports count as well. Circles of files are refused anywhere.
 *
 *   node scripts/check-layers.mjs
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Rooms from the bottom up; those of one layer do not know each other. */
const trees = [
  {
    folder: "src",
    extensions: [".ts"],
    layers: [
      ["shared"],
      ["order", "hub", "native", "chat"],
      ["image", "text", "remote"],
      ["sources", "lock", "vision-language"],
      ["sets"],
      ["dataset"],
      ["loader", "packing", "analysis", "training"],
      ["show", "planning"],
      ["cli"],
      ["index.ts"],
    ],
    referencesOf: (file, text) =>
      // Biome formats every import alike: `from "…"`, `import "…"` and `import("…")`.
      [...text.matchAll(/\b(?:from|import) ?\(?"(\.[^"]+)"/g)].map((match) =>
        join(dirname(file), match[1]).replace(/\.js$/, ".ts"),
      ),
  },
  {
    folder: "native",
    extensions: [".h", ".cpp", ".inl"],
    layers: [
      ["core"],
      ["kernels"],
      ["decode"],
      ["transform"],
      ["addon", "test", "bench"],
      ["fuzz"],
    ],
    referencesOf: (_file, text) =>
      [...text.matchAll(/^#include "([^"]+)"$/gm)].map((match) => match[1]),
  },
];

function* filesBelow(folder, extensions) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path, extensions);
    else if (extensions.some((extension) => entry.name.endsWith(extension))) yield path;
  }
}

/** Each file of a tree, by its path from there, with what it refers to. */
function referencesIn({ folder, extensions, referencesOf }) {
  const base = join(root, folder);
  const files = [...filesBelow(base, extensions)].map((path) => relative(base, path));
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const references = referencesOf(file, readFileSync(join(base, file), "utf8"));
      return [file, [...new Set(references.map(normalize))].filter((name) => known.has(name))];
    }),
  );
}

const roomOf = (file) => file.split(sep)[0];
/** A room may have rooms of its own (sources/manifest); files of its own are above and below them. */
const innerRoomOf = (file) => file.split(sep).slice(1, -1)[0];

function* upward({ folder, layers }, references) {
  const levels = new Map(layers.flatMap((rooms, level) => rooms.map((room) => [room, level])));
  for (const [file, targets] of references) {
    const room = roomOf(file);
    const level = levels.get(room);
    if (level === undefined) {
      yield `${folder}/${file}: there is no room "${room}"; expected one of ${[...levels.keys()].join(", ")}`;
      continue;
    }
    for (const target of targets) {
      const targetRoom = roomOf(target);
      if (room === targetRoom) {
        const [inner, targetInner] = [innerRoomOf(file), innerRoomOf(target)];
        if (inner && targetInner && inner !== targetInner && folder === "src") {
          yield `${folder}/${file} imports ${target}: rooms of ${room} do not know each other`;
        }
      } else if (!((levels.get(targetRoom) ?? Infinity) < level)) {
        yield `${folder}/${file} imports ${target}: ${targetRoom} is not below ${room}`;
      }
    }
  }
}

function* circles({ folder }, references) {
  const state = new Map();
  const path = [];
  const found = [];
  const visit = (file) => {
    if (state.get(file) === "done") return;
    if (state.get(file) === "open") {
      found.push([...path.slice(path.indexOf(file)), file]);
      return;
    }
    state.set(file, "open");
    path.push(file);
    for (const target of references.get(file) ?? []) visit(target);
    path.pop();
    state.set(file, "done");
  };
  for (const file of references.keys()) visit(file);
  for (const circle of found) yield `${folder}: a circle: ${circle.join(" → ")}`;
}

const faults = trees.flatMap((tree) => {
  const references = referencesIn(tree);
  return [...upward(tree, references), ...circles(tree, references)];
});
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
