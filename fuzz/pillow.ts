import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { CANVAS_SIDE, MOST_PIXELS } from "./limits.js";

export type PillowVerdict =
  | {
      readonly verdict: "read";
      readonly digest: string;
      readonly format: string;
    }
  | { readonly verdict: "refused"; readonly error: string }
  | { readonly verdict: "unknown"; readonly error: string };

export interface PillowQuestion {
  readonly path: string;
  readonly exifOrientation: boolean;
  readonly pixelsTo?: string;
}

/** A Python process that says what Pillow makes of images. */
export interface Pillow {
  readonly version: string;
  judge(question: PillowQuestion): Promise<PillowVerdict>;
  close(): void;
}

const script = fileURLToPath(new URL("./pillow.py", import.meta.url));

/** Undefined where there is no such Python, or it has no Pillow. */
export async function startPillow(python: string): Promise<Pillow | undefined> {
  const child = spawn(python, [script], { stdio: ["pipe", "pipe", "ignore"] });
  child.on("error", () => {}); // no such program: there is no first line either
  child.stdin.on("error", () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const started = await Promise.race([lines.next(), once(child, "close").catch(() => [])]);
  const first = Array.isArray(started) ? undefined : (started.value as string | undefined);
  if (first === undefined) return undefined;
  const { version } = JSON.parse(first) as { version: string };
  return {
    version,
    async judge({ path, exifOrientation, pixelsTo }) {
      const limits = { mostPixels: MOST_PIXELS, canvasSide: CANVAS_SIDE };
      const question = { path, exifOrientation, pixelsTo: pixelsTo ?? null, ...limits };
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error("the Python process has ended");
      return JSON.parse(value) as PillowVerdict;
    },
    close: () => void child.kill(),
  };
}
