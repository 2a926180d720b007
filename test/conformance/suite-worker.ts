import type { Resampler } from "pixtok";
import { readJsonLines } from "../support/fixtures.js";
import type { CaseResult } from "./case-result.js";
import { families } from "./families.js";
import { fewCases } from "./few-cases.js";
import type { Suite } from "./suite.js";

interface Task {
  suite: Suite;
  cases: "all" | "few";
}

async function run({ suite, cases }: Task): Promise<CaseResult[]> {
  const { family, resampler, golden, data } = suite;
  const { check } = families[family] as {
    check(line: unknown, data: string, resampler: Resampler): Promise<CaseResult>;
  };
  const results: CaseResult[] = [];
  const all = readJsonLines<Record<string, unknown>>(golden);
  for (const line of cases === "all" ? all : fewCases(all)) {
    try {
      results.push(await check(line, data, resampler));
    } catch (error) {
      // one image that cannot be read must not hide the others
      results.push({
        name: `${String(line.image ?? line.text)}: ${String(error)}`,
        difference: null,
      });
    }
  }
  return results;
}

process.on("message", async (task) => {
  process.send?.(await run(task as Task));
});
