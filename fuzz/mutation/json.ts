import type { Random } from "../random.js";
import type { Mutators } from "./mutator.js";

type Json = unknown;

const values: readonly Json[] = [
  null,
  true,
  0,
  -1,
  0.5,
  1e308,
  2 ** 53,
  2 ** 31,
  "",
  "a",
  "../a.jpg",
  "\u0000",
  "\ud800",
  "x".repeat(5000),
  [],
  {},
  [[]],
  [null],
  { a: 1 },
  Array.from({ length: 100 }, (_, i) => i),
];

function isContainer(value: Json): value is Record<string, Json> {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

/** Walks down at random; more often to what stands near the top. */
function somewhere(root: Record<string, Json>, random: Random): [Record<string, Json>, string] {
  let holder = root;
  for (;;) {
    const name = random.pick(Object.keys(holder));
    const value = holder[name];
    if (!isContainer(value) || random.chance(0.25)) return [holder, name];
    holder = value;
  }
}

function withPlace(
  bytes: Buffer,
  random: Random,
  change: (holder: Record<string, Json>, name: string, root: Record<string, Json>) => void,
): Buffer | undefined {
  try {
    const root: Json = JSON.parse(bytes.toString());
    if (!isContainer(root)) return undefined;
    const [holder, name] = somewhere(root, random);
    change(holder, name, root);
    return Buffer.from(JSON.stringify(root));
  } catch {
    return undefined; // no JSON any more, or nested too deep to be written
  }
}

function remove(holder: Record<string, Json>, name: string): void {
  if (Array.isArray(holder)) holder.splice(Number(name), 1);
  else delete holder[name];
}

export const jsonMutators: Mutators = {
  changeValue: (bytes, random) =>
    withPlace(bytes, random, (holder, name) => {
      holder[name] = structuredClone(random.pick(values));
    }),
  changeNumber: (bytes, random) =>
    withPlace(bytes, random, (holder, name) => {
      if (typeof holder[name] === "number") holder[name] += random.pick([-1, 1, 1000, 2 ** 32]);
      else holder[name] = random.pick([0, 1, 2, 1000]);
    }),
  dropValue: (bytes, random) => withPlace(bytes, random, remove),
  moveValue: (bytes, random) =>
    withPlace(bytes, random, (holder, name, root) => {
      const [other, place] = somewhere(root, random);
      other[place] = structuredClone(holder[name]);
    }),
  repeatKey: (bytes, random) =>
    withPlace(bytes, random, (holder, name) => {
      if (Array.isArray(holder)) holder.push(structuredClone(holder[Number(name)]));
      else holder[`${name}2`] = structuredClone(holder[name]);
    }),
  nest(bytes, random) {
    const depth = random.pick([10, 1000, 100_000]);
    const deep = `${"[".repeat(depth)}${"]".repeat(depth)}`;
    const mark = "@nested@";
    const marked = withPlace(bytes, random, (holder, name) => {
      holder[name] = mark;
    });
    return marked && Buffer.from(marked.toString().replace(JSON.stringify(mark), deep));
  },
};

/** One of the lines is changed as JSON. */
export const jsonLinesMutators: Mutators = Object.fromEntries(
  Object.entries(jsonMutators).map(([name, mutate]) => [
    name,
    (bytes, random, others) => {
      const lines = bytes.toString("latin1").split("\n");
      const at = random.below(lines.length);
      const changed = mutate(Buffer.from(lines[at] as string, "latin1"), random, others);
      if (changed === undefined) return undefined;
      lines[at] = changed.toString("latin1");
      return Buffer.from(lines.join("\n"), "latin1");
    },
  ]),
);
