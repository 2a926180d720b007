import { readdirSync, readFileSync } from "node:fs";
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

/** What a test file, or a program of the tests, is translated to. */
export const translationOf = (file) => `build/tests/${file.replace(/\.(ts|mjs)$/, ".js")}`;

/** What belongs to the whole process: a file that has it would disturb others, or be disturbed. */
const OF_THE_PROCESS =
  /\bglobalThis\b|\bprocess\.(chdir|cwd|env|exit|memoryUsage|on|resourceUsage)\b|\/proc\/self/;

/** How many lines of tests run in one process at most: the longest room is not the last to end. */
const TOGETHER = 2000;

/**
 * Test files by the process that they run in. Those of a room of src share one, since Node needs as long to
 * start and to load the build as most of them to run. A file has its own that names what belongs to the whole
 * process, and so has every other file.
 *
 * @param {string[]} files
 */
export function processesOf(files) {
  /** @type {{ name: string, files: string[], lines: number }[]} */
  const processes = [];
  for (const file of files) {
    const [, room] = file.split("/");
    const text = readFileSync(`${root}${file}`, "utf8");
    const lines = text.split("\n").length;
    const shared = file.startsWith("test/") && rooms.has(room) && !OF_THE_PROCESS.test(text);
    const other = processes.findLast(({ name }) => shared && name === room);
    if (other !== undefined && other.lines + lines <= TOGETHER) {
      other.files.push(file);
      other.lines += lines;
    } else {
      processes.push({ name: shared ? room : file, files: [file], lines });
    }
  }
  return processes;
}
