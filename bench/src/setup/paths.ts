import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A path below the checkout of pixtok. */
export function fromRoot(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url));
}

/** A path below this package. */
export function fromBench(path: string): string {
  return fromRoot(`bench/${path}`);
}

/** A program that pixtok's native build makes beside its tests. */
export function nativeProgram(name: string): string {
  return fromRoot(`build/Release/${name}`);
}

/** The first of the paths that exists. */
export function firstExisting(paths: readonly string[]): string | undefined {
  return paths.find((path) => existsSync(path));
}
