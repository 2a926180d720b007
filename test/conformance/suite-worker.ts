import type { Resampler } from "pixtok";
import { readJsonLines } from "../support/fixtures.js";
import type { CaseResult } from "./case-result.js";
import { families } from "./families.js";
import type { Suite } from "./suite.js";

async function run({ family, resampler, golden, data }: Suite): Promise<CaseResult[]> {
  const { check } = families[family] as {
    check(line: unknown, data: string, resampler: Resampler): Promise<CaseResult>;
  };
  const results: CaseResult[] = [];
  for (const line of readJsonLines<Record<string, unknown>>(golden)) {
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

process.on("message", async (suite) => {
  process.send?.(await run(suite as Suite));
});
