import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { sharedGoldens } from "./suite.js";
import { type Suite, suitesIn } from "./suite.js";
import { runSuite, type TestedSetting } from "./suite-process.js";

/** Cases by family, and by whose resize it is where that is not the newest Pillow's. */
export type CaseCounts = Readonly<Record<string, number>>;

/**
 * A test for each golden file and setting.
 *
 * @param skip why none runs.
 * @param counts stated, so that no golden file loses cases without notice.
 */
export function goldenTests(
  folder: typeof sharedGoldens,
  skip: string | false,
  counts: CaseCounts,
  settingsOf: (suite: Suite) => readonly TestedSetting[],
): void {
  const suites = skip === false ? suitesIn(folder) : [];
  for (const [counted, count] of Object.entries(counts)) {
    describe(`${folder.source} ${counted}: identical`, { skip }, () => {
      const [family, resampler = "pillow13"] = counted.split(" ");
      const suite = suites.find((each) => each.family === family && each.resampler === resampler);
      if (suite === undefined) {
        test("golden file", () => assert.fail("is not there"));
        return;
      }
      for (const { setting, cases } of settingsOf(suite)) {
        test(Object.values(setting).join(", "), { timeout: 600_000 }, async () => {
          const results = await runSuite(suite, setting, cases);
          const differences = results.filter(({ difference }) => difference !== 0);
          assert.deepEqual(differences, []);
          if (cases === "all") assert.equal(results.length, count);
          else assert.ok(results.length > 0 && results.length <= count);
        });
      }
    });
  }
}
