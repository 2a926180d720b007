// Puts this platform's binaries where the published package has them: run before `npm pack`, after
// `npm run build`. Users need neither a compiler nor an install script.

import { copyFileSync, mkdirSync } from "node:fs";
import { basename } from "node:path";
import { jpegLibraryCandidates, platformName } from "../dist/native-addon.js";

const folder = new URL(`../prebuilds/${platformName()}/`, import.meta.url);
mkdirSync(folder, { recursive: true });
copyFileSync(
  new URL("../build/Release/pixtok.node", import.meta.url),
  new URL("pixtok.node", folder),
);
const library = jpegLibraryCandidates().find((path) => path !== basename(path));
if (library === undefined) throw new Error("libturbojpeg is not among the installed packages");
const target = new URL(basename(library), folder);
if (library !== target.pathname) copyFileSync(library, target);
