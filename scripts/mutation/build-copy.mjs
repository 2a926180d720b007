// Builds StrykerJS's copy of the project: the sources with their mistakes, and the tests, translated once for all
// processes that run them.

import { execFileSync } from "node:child_process";
import { translateTests } from "../translate-tests.mjs";

execFileSync("npm", ["run", "build:ts"], { stdio: "inherit" });
await translateTests();
