import type { Option } from "commander";
import type { RunRecord } from "./reporting/run-record.js";
import type { Table } from "./reporting/table.js";
import type { Setup } from "./setup/setup.js";

export interface TitledTable {
  readonly title?: string;
  readonly table: Table;
}

/**
 * One question that the benchmark answers. `Results` is what a run leaves in results/NAME.json; everything
 * that is shown is made from it, so that tables and pages can be written anew without measuring again.
 */
export interface Suite<Options = object, Results extends RunRecord = RunRecord> {
  /** The name of its command and of its results file. */
  readonly name: string;
  /** One sentence, for the help. */
  readonly description: string;
  /** Those that not every suite has. */
  readonly options: readonly Option[];
  run(setup: Setup, options: Options): Promise<Omit<Results, keyof RunRecord>>;
  tables(results: Results): readonly TitledTable[];
  /** What the tables need beside them: what is missing, and why. */
  notes(results: Results): readonly string[];
  /** Something that should have worked has not. */
  hasFailed?(results: Results): boolean;
  /** Paragraphs of RESULTS.md. */
  section(results: Results): readonly string[];
  /** SVG files for the section, by their names without an extension. */
  plots?(results: Results): Readonly<Record<string, string>>;
}
