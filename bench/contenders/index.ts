import type { Contender } from "../contender.js";

// Loaded on demand: a worker's memory must hold its own contender's packages and no other's.
const loaders = {
  "pure-javascript": async () => (await import("./pure-javascript.js")).pureJavaScript,
  "sharp-loop": async () => (await import("./sharp-loop.js")).sharpLoop,
  pixtok: async () => (await import("./pixtok.js")).pixtok,
  "decode-only": async () => (await import("./decode-only.js")).decodeOnly,
} satisfies Record<string, () => Promise<Contender>>;

export type ContenderName = keyof typeof loaders;

export const contenderNames = Object.keys(loaders) as ContenderName[];

export function isContenderName(name: string): name is ContenderName {
  return Object.hasOwn(loaders, name);
}

export function loadContender(name: ContenderName): Promise<Contender> {
  return loaders[name]();
}
