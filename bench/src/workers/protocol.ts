/** What the runner and the child process of one contender say to each other. */
import type { Contender, ContenderBatch, ContenderOptions, Pair } from "../contenders/contender.js";
import type { ContenderName } from "../contenders/index.js";
import type { PackedContenderName } from "../contenders/python.js";

export type WorkerRequest =
  | {
      type: "setUp";
      contender: ContenderName | PackedContenderName;
      pairs: readonly Pair[];
      options: ContenderOptions;
    }
  /** Whole epochs, at least one, until `seconds` have passed. */
  | { type: "measure"; seconds: number }
  /** One epoch, each batch sent to the runner. */
  | { type: "deliver" }
  | { type: "close" };

export interface Introduction {
  readonly description: string;
  readonly exact: boolean;
  readonly output: Contender["output"];
}

export interface Measurement {
  readonly pairs: number;
  readonly seconds: number;
  /** Only of a contender on Node. */
  readonly eventLoopUtilization?: number;
  /** Peak memory of this process since it started, in bytes. */
  readonly peakMemory: number;
}

export type WorkerReply =
  | { type: "ready"; introduction: Introduction }
  | { type: "unavailable"; introduction?: Introduction; reason: string }
  | { type: "measured"; measurement: Measurement }
  | { type: "batch"; batch: ContenderBatch }
  | { type: "delivered" }
  | { type: "closed" }
  | { type: "failed"; reason: string };
