import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

const filesOf = (folder) =>
  readdirSync(`${root}${folder}`)
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => `${folder}/${file}`);

const foldersOf = (folder) =>
  readdirSync(`${root}${folder}`, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

/** Packages are made from the build and tried by a command of their own. */
const PACKAGES = "package";

/** Starts a process for each of its tests. */
const COMMAND_LINE = "cli";

const rooms = new Set(foldersOf("src").filter((room) => room !== COMMAND_LINE));

/** Test files of the rooms of src: what a change of one line is tried by. */
export const fastTests = foldersOf("test")
  .filter((folder) => rooms.has(folder))
  .flatMap((room) => filesOf(`test/${room}`));

export const everyTest = [
  ...foldersOf("test")
    .filter((folder) => folder !== PACKAGES)
    .flatMap((folder) => filesOf(`test/${folder}`)),
  ...filesOf("bench/test"),
];
