// The same bytes as Pillow, torchvision and Hugging Face, on every kernel this CPU runs and on both
// decode paths. Expected values: test/goldens/make_goldens.py and the shared goldens.
// `npm run conformance` runs the same and prints a table.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { withoutShared } from "../support/fixtures.js";
import type { FamilyName } from "./families.js";
import { sharedGoldens, shippedGoldens, suitesIn } from "./suite.js";
import { runSuite, settingsOf } from "./suite-process.js";

type Counts = Partial<Record<FamilyName, number>>;

// Stated, so that no golden file loses cases without notice.
const folders: [typeof shippedGoldens, string | false, Counts][] = [
  [
    shippedGoldens,
    false,
    {
      imagenet224: 110,
      resample: 378,
      draft: 120,
      augmentation: 1112,
      draws: 876,
      processors: 120,
      broken: 96,
      normalize: 15,
    },
  ],
  [sharedGoldens, withoutShared(), { imagenet224: 400, resample: 360, processors: 200 }],
];

for (const [folder, skip, counts] of folders) {
  const suites = suitesIn(folder);
  for (const [family, cases] of Object.entries(counts)) {
    describe(`${folder.source} ${family}: identical`, { skip }, () => {
      const suite = suites.find((each) => each.family === family);
      if (suite === undefined) {
        test("golden file", () => assert.fail("is not there"));
        return;
      }
      for (const setting of settingsOf(suite)) {
        test(Object.values(setting).join(", "), async () => {
          const results = await runSuite(suite, setting);
          const differences = results.filter(({ difference }) => difference !== 0);
          assert.deepEqual({ cases: results.length, differences }, { cases, differences: [] });
        });
      }
    });
  }
}
