import { wrongType } from "./validation.js";

/** Called with how much of some work is done, and of how much. */
export type ProgressCallback = (done: number, total: number) => void;

/** @throws {TypeError} */
export function readProgress(onProgress: unknown): ProgressCallback | undefined {
  if (onProgress === undefined || typeof onProgress === "function") {
    return onProgress as ProgressCallback | undefined;
  }
  throw wrongType("onProgress", "a function of two numbers", onProgress);
}
