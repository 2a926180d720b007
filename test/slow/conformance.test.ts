// The same bytes as Pillow, torchvision and Hugging Face on the kernels that this machine does not choose by
// itself, by sharp, and on the shared goldens. test/conformance/conformance.test.ts has what it chooses.

import { goldenTests } from "../conformance/golden-tests.js";
import { shippedCounts } from "../conformance/shipped-counts.js";
import { sharedGoldens, shippedGoldens } from "../conformance/suite.js";
import { otherSettingsOf, testedSettingsOf } from "../conformance/suite-process.js";
import { withoutShared } from "../support/fixtures.js";

const sharedCounts = {
  "imagenet224 pillow12": 400,
  resample: 1120,
  "resample pillow12": 360,
  "processors pillow12": 200,
};

goldenTests(shippedGoldens, false, shippedCounts, otherSettingsOf);
goldenTests(sharedGoldens, withoutShared(), sharedCounts, testedSettingsOf);
