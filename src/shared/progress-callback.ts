import { callable, optional } from "./options.js";

/** Called with how much of some work is done, and of how much. */
export type ProgressCallback = (done: number, total: number) => void;

export const readProgress = optional(callable<ProgressCallback>("a function of two numbers"));
