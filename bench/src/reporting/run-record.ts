import type { Surroundings } from "./surroundings.js";

/** What the results of every suite begin with. */
export interface RunRecord extends Surroundings {
  /** The command that runs it again. */
  readonly command: string;
}
