import type { Contender } from "./contender.js";
import { isPythonContenderName, pythonContenderNames } from "./python.js";

// Loaded on demand: a worker's memory must hold its own contender's packages and no other's.
const loaders = {
  "pure-javascript": async () => (await import("./pure-javascript.js")).pureJavaScript,
  "sharp-loop": async () => (await import("./sharp-loop.js")).sharpLoop,
  "transformers-js-1": async () => (await import("../../node/transformers-js.js")).oneInFlight,
  "transformers-js-4": async () => (await import("../../node/transformers-js.js")).fourInFlight,
  imgkit: async () => (await import("../../node/imgkit.js")).imgkit,
  "napi-rs-image": async () => (await import("../../node/napi-rs-image.js")).napiRsImage,
  pixtok: async () => (await import("./pixtok.js")).pixtok,
  "decode-only": async () => (await import("./decode-only.js")).decodeOnly,
  "decode-planes": async () => (await import("./decode-only.js")).decodePlanes,
} satisfies Record<string, () => Promise<Contender>>;

export type NodeContenderName = keyof typeof loaders;
export type ContenderName = NodeContenderName | (typeof pythonContenderNames)[number];

const nodeContenderNames = Object.keys(loaders) as NodeContenderName[];

export const contenderNames: readonly ContenderName[] = [
  ...nodeContenderNames,
  ...pythonContenderNames,
];

export function isContenderName(name: string): name is ContenderName {
  return Object.hasOwn(loaders, name) || isPythonContenderName(name);
}

export function loadContender(name: string): Promise<Contender> {
  if (Object.hasOwn(loaders, name)) return loaders[name as NodeContenderName]();
  throw new Error(`${name} is not a contender on Node`);
}
