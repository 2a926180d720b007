import type { Resampler } from "pixtok";
import type { CaseResult } from "./case-result.js";
import type { Setting } from "./suite-process.js";

/** One suite in one setting. */
export interface SuiteResult {
  source: string;
  family: string;
  /** Whose resize; null where nothing is resized. */
  resampler: Resampler | null;
  setting: Setting;
  cases: CaseResult[];
}

const headings = [
  "data",
  "family",
  "resampler",
  "kernel",
  "decoder",
  "cases",
  "identical",
  "largest difference",
];
const firstNumber = headings.indexOf("cases");

function largestDifference(cases: CaseResult[]): string {
  const known = cases.map(({ difference }) => difference);
  if (known.includes(null)) return "differs";
  return String(Math.max(0, ...known.map(Number)));
}

export function identicalOf(cases: CaseResult[]): number {
  return cases.filter(({ difference }) => difference === 0).length;
}

/** A Markdown table that is a plain table in a terminal as well. */
export function resultTable(results: SuiteResult[]): string {
  const rows = results.map(({ source, family, resampler, setting, cases }) => [
    source,
    family,
    resampler ?? "none",
    setting.kernel ?? "any",
    setting.decoder ?? "any",
    String(cases.length),
    String(identicalOf(cases)),
    largestDifference(cases),
  ]);
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] as string).length)),
  );
  const line = (cells: string[]) => {
    const padded = cells.map((cell, column) => {
      const width = widths[column] as number;
      return column < firstNumber ? cell.padEnd(width) : cell.padStart(width);
    });
    return `| ${padded.join(" | ")} |`;
  };
  const rule = widths.map((width, column) =>
    column < firstNumber ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(headings), line(rule), ...rows.map(line)].join("\n");
}
