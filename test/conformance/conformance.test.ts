// The same bytes as Pillow, torchvision and Hugging Face, on every kernel this CPU runs and on both
// decode paths. Expected values: test/goldens/make_goldens.py and the shared goldens.
// `npm run conformance` runs every case with every choice of both, and prints a table.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { withoutShared } from "../support/fixtures.js";
import { sharedGoldens, shippedGoldens, suitesIn } from "./suite.js";
import { runSuite, testedSettingsOf } from "./suite-process.js";

/** By family, and whose resize it is where that is not the newest Pillow's. */
type Counts = Record<string, number>;

// Stated, so that no golden file loses cases without notice.
const folders: [typeof shippedGoldens, string | false, Counts][] = [
  [
    shippedGoldens,
    false,
    {
      imagenet224: 110,
      "imagenet224 pillow12": 110,
      resample: 378,
      "resample pillow12": 378,
      "resample torch": 252,
      draft: 120,
      "draft pillow12": 120,
      augmentation: 1112,
      draws: 876,
      processors: 120,
      transformers: 482,
      "transformers torch": 502,
      broken: 96,
      normalize: 15,
    },
  ],
  [
    sharedGoldens,
    withoutShared(),
    {
      "imagenet224 pillow12": 400,
      resample: 1120,
      "resample pillow12": 360,
      "processors pillow12": 200,
    },
  ],
];

for (const [folder, skip, counts] of folders) {
  const suites = skip === false ? suitesIn(folder) : [];
  for (const [counted, count] of Object.entries(counts)) {
    describe(`${folder.source} ${counted}: identical`, { skip }, () => {
      const [family, resampler = "pillow13"] = counted.split(" ");
      const suite = suites.find((each) => each.family === family && each.resampler === resampler);
      if (suite === undefined) {
        test("golden file", () => assert.fail("is not there"));
        return;
      }
      for (const { setting, cases } of testedSettingsOf(suite)) {
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
