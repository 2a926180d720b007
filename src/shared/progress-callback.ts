import { callable, optional } from "./options.js";

/** Called with how much of some work is done, and of how much. */
export type ProgressCallback = (done: number, total: number) => void;

/** How work is going. */
export interface WorkDetails {
  /** What is wrong so far: samples that could not be read, or problems of a pack. */
  readonly errors: number;
  /**
   * Share of the time in which the threads that prepare images had nothing to do, 0 to 1: they wait for the source, the
   * tokenizer or the disk. Left out where the work prepares no images.
   */
  readonly waiting?: number;
}

/** Called with how many samples are done, and of how many; and how the work is going. */
export type WorkProgressCallback = (done: number, total: number, details: WorkDetails) => void;

export const readProgress = optional(callable<ProgressCallback>("a function of two numbers"));

export const readWorkProgress = optional(
  callable<WorkProgressCallback>("a function of two numbers"),
);
