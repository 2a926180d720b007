import type { RunEnvironment } from "./environment.js";

/** What the results of every suite begin with. */
export interface RunRecord extends RunEnvironment {
  /** The command that runs it again. */
  readonly command: string;
}
