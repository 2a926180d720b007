// The same bytes as Pillow, torchvision and Hugging Face, as this machine computes them by default. Expected
// values: test/goldens/make_goldens.py. test/slow/conformance.test.ts has the other kernels, sharp and the shared
// goldens; `npm run conformance` runs every case with every choice of both, and prints a table.

import { goldenTests } from "./golden-tests.js";
import { shippedCounts } from "./shipped-counts.js";
import { shippedGoldens } from "./suite.js";
import { defaultSettingOf } from "./suite-process.js";

goldenTests(shippedGoldens, false, shippedCounts, (suite) => [defaultSettingOf(suite)]);
