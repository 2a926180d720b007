import type { Suite } from "../suite.js";
import { augmentation } from "./augmentation/suite.js";
import { formats } from "./formats/suite.js";
import { kernels } from "./kernels/suite.js";
import { latency } from "./latency/suite.js";
import { memory } from "./memory/suite.js";
import { remote } from "./remote/suite.js";
import { sources } from "./sources/suite.js";
import { storage } from "./storage/suite.js";
import { throughput } from "./throughput/suite.js";
import { vision } from "./vision/suite.js";

/** In the order of RESULTS.md. */
export const suites: readonly Suite[] = [
  throughput,
  latency,
  memory,
  sources,
  remote,
  storage,
  augmentation,
  vision,
  formats,
  kernels,
];

/** The one that is run where none is named. */
export const DEFAULT_SUITE = throughput.name;
