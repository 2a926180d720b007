import { existsSync, readdirSync, readFileSync } from "node:fs";
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

const rooms = new Set(foldersOf("src"));

/**
 * Files of rooms that take more than half a second of the processor among the others of their process, on a machine of
 * 2026: more than four fifths of the time of all. A change of what they test is tried by them, too. Of hub the shorter file stays.
 */
export const longTests = new Set([
  "test/analysis/bad-among-good.test.ts",
  "test/analysis/check-findings.test.ts",
  "test/analysis/dataset-check.test.ts",
  "test/analysis/dataset-stats.test.ts",
  "test/analysis/tfidf.test.ts",
  "test/chat/chat-templates.test.ts",
  "test/chat/expressions.test.ts",
  "test/cli/cli-options.test.ts",
  "test/cli/cli.test.ts",
  "test/cli/fleet.test.ts",
  "test/cli/measure.test.ts",
  "test/cli/model.test.ts",
  "test/cli/part-of-set.test.ts",
  "test/cli/plan.test.ts",
  "test/cli/show.test.ts",
  "test/cli/words-of-command.test.ts",
  "test/dataset/bad-samples.test.ts",
  "test/dataset/conversations.test.ts",
  "test/dataset/machine-faults.test.ts",
  "test/dataset/multiple-images.test.ts",
  "test/dataset/multiple-texts.test.ts",
  "test/dataset/row-mixing.test.ts",
  "test/dataset/vision-datasets.test.ts",
  "test/hub/hub.test.ts",
  "test/image/augmentation.test.ts",
  "test/image/damaged-images.test.ts",
  "test/image/decode-queue.test.ts",
  "test/image/image-files.test.ts",
  "test/image/image-limits.test.ts",
  "test/image/pixels-at-the-end.test.ts",
  "test/image/png-decoding.test.ts",
  "test/image/processor-config.test.ts",
  "test/image/random-operations.test.ts",
  "test/image/transformers-goldens.test.ts",
  "test/image/webp-decoding.test.ts",
  "test/loader/abort.test.ts",
  "test/loader/batch-memory.test.ts",
  "test/loader/block-loader.test.ts",
  "test/loader/conversation-loader.test.ts",
  "test/loader/data-loader.test.ts",
  "test/loader/loader-parts.test.ts",
  "test/loader/loader-properties.test.ts",
  "test/loader/loader-state.test.ts",
  "test/loader/reuse-batches.test.ts",
  "test/loader/sequence-packing.test.ts",
  "test/loader/sets-in-pieces.test.ts",
  "test/loader/stream.test.ts",
  "test/loader/vision-loader.test.ts",
  "test/loader/weights-file.test.ts",
  "test/lock/lock.test.ts",
  "test/native/file-reads.test.ts",
  "test/native/loading.test.ts",
  "test/native/memory.test.ts",
  "test/native/runtime.test.ts",
  "test/order/block-order.test.ts",
  "test/order/length-buckets.test.ts",
  "test/order/rank-slice.test.ts",
  "test/packing/bucket-faults.test.ts",
  "test/packing/bucket-verify.test.ts",
  "test/packing/forged-pictures.test.ts",
  "test/packing/index-in-a-race.test.ts",
  "test/packing/lone-rows.test.ts",
  "test/packing/lost-versions.test.ts",
  "test/packing/many-files.test.ts",
  "test/packing/pack-append.test.ts",
  "test/packing/pack-claims.test.ts",
  "test/packing/pack-index.test.ts",
  "test/packing/pack-match.test.ts",
  "test/packing/pack-parts.test.ts",
  "test/packing/pack-to-bucket.test.ts",
  "test/packing/pack.test.ts",
  "test/packing/packed-columns.test.ts",
  "test/packing/packed-conversations.test.ts",
  "test/packing/packed-pictures.test.ts",
  "test/packing/packed-set.test.ts",
  "test/packing/refused-conversations.test.ts",
  "test/packing/verify-pack.test.ts",
  "test/planning/grown-files.test.ts",
  "test/planning/plan.test.ts",
  "test/remote/copy-cache.test.ts",
  "test/remote/dataset-cards.test.ts",
  "test/remote/fetch-copy.test.ts",
  "test/remote/hub-datasets.test.ts",
  "test/remote/remote-faults.test.ts",
  "test/remote/remote-folders.test.ts",
  "test/remote/remote-images.test.ts",
  "test/remote/remote-packs.test.ts",
  "test/remote/remote-sources.test.ts",
  "test/remote/s3-upload.test.ts",
  "test/remote/s3.test.ts",
  "test/sets/mix.test.ts",
  "test/sets/sets.test.ts",
  "test/sets/split.test.ts",
  "test/show/boxes.test.ts",
  "test/show/contact-sheet.test.ts",
  "test/show/show-batch.test.ts",
  "test/show/show-dataset.test.ts",
  "test/sources/conversation-tables.test.ts",
  "test/sources/forged-parquet-index.test.ts",
  "test/sources/index-among-files.test.ts",
  "test/sources/index-under-hands.test.ts",
  "test/sources/manifest-index.test.ts",
  "test/sources/manifest-paths.test.ts",
  "test/sources/manifest-rows.test.ts",
  "test/sources/parquet-index.test.ts",
  "test/sources/parquet-reads.test.ts",
  "test/sources/parquet.test.ts",
  "test/sources/row-group-cache.test.ts",
  "test/sources/source-faults.test.ts",
  "test/sources/webdataset-bad-samples.test.ts",
  "test/text/tokenizer-ids.test.ts",
  "test/training/gpu-memory.test.ts",
  "test/training/tensor-adapters.test.ts",
  "test/vision-language/processor-goldens.test.ts",
  "test/vision-language/processor.test.ts",
]);

/** Test files of the rooms of src without the long ones: what a change of one line is tried by, in half a minute. */
export const fastTests = foldersOf("test")
  .filter((folder) => rooms.has(folder))
  .flatMap((room) => filesOf(`test/${room}`))
  .filter((file) => !longTests.has(file));

for (const file of longTests) {
  if (!existsSync(`${root}${file}`))
    throw new Error(`longTests in test-files.mjs: there is no ${file}`);
}
for (const room of rooms) {
  if (!fastTests.some((file) => file.startsWith(`test/${room}/`)))
    throw new Error(`longTests in test-files.mjs: they leave no test of the room ${room}`);
}

export const everyTest = [
  ...foldersOf("test")
    .filter((folder) => folder !== PACKAGES)
    .flatMap((folder) => filesOf(`test/${folder}`)),
  ...filesOf("bench/test"),
];

const isSlow = (file) => /^(test\/slow|test\/browser|bench)\//.test(file);

/** What `npm test` runs: a minute or two. */
export const commonTests = everyTest.filter((file) => !isSlow(file));

/** What only CI has the time for. */
export const slowTests = everyTest.filter(isSlow);

/** What a test file, or a program of the tests, is translated to. */
export const translationOf = (file) => `build/tests/${file.replace(/\.(ts|mjs)$/, ".js")}`;

/** Slow tests that take more than a minute, whatever their lines say: they begin first. The longest is the first. */
const longestSlow = [
  "test/slow/plan.test.ts",
  "test/slow/fleet-slurm.test.ts",
  "test/slow/conformance.test.ts",
  "test/slow/many-packed-files.test.ts",
  "test/slow/examples-that-train.test.ts",
  "test/slow/fleet-bullmq.test.ts",
  "bench/test/suites.test.ts",
  "test/slow/python-trainer.test.ts",
  "test/slow/forged-pack.test.ts",
];

for (const file of longestSlow) {
  if (!slowTests.includes(file))
    throw new Error(`longestSlow in test-files.mjs: there is no slow test ${file}`);
}

/** What all files of a process change: a file that counts it has one of its own. */
const COUNTED = /\bprocess\.(memoryUsage|resourceUsage)\b/;

/** Files that choose what a process chooses once. */
const choosing = new Set(["test/native/choices.test.ts"]);

/** How many lines of tests run in one process at most: the longest is not the last to end. */
const TOGETHER = 4000;

/**
 * Test files by the process that they run in. Those of the rooms of src share some, since Node needs as long to
 * start and to load the build as most of them to run. A file has its own that counts what belongs to the whole
 * process, or chooses it, and so has every file outside the rooms.
 *
 * @param {string[]} files
 * @returns the longest first, so that no core waits for one that began at the end. Those outside the rooms start
 *   processes of their own, and take longer than their lines say.
 */
export function processesOf(files) {
  /** @type {{ name: string, files: string[], lines: number }[]} */
  const processes = [];
  /** @type {{ name: string, files: string[], lines: number } | undefined} */
  let together;
  for (const file of files) {
    const text = readFileSync(`${root}${file}`, "utf8");
    const lines = text.split("\n").length;
    if (!isOfRoom(file) || COUNTED.test(text) || choosing.has(file)) {
      processes.push({ name: file, files: [file], lines });
    } else if (together !== undefined && together.lines + lines <= TOGETHER) {
      together.files.push(file);
      together.lines += lines;
    } else {
      together = { name: file, files: [file], lines };
      processes.push(together);
    }
  }
  const areOfRoom = ({ files: [file] }) => isOfRoom(file);
  const amongLongest = ({ files: [file] }) => {
    const place = longestSlow.indexOf(file);
    return place < 0 ? longestSlow.length : place;
  };
  return processes.sort(
    (one, other) =>
      areOfRoom(one) - areOfRoom(other) ||
      amongLongest(one) - amongLongest(other) ||
      other.lines - one.lines,
  );
}

function isOfRoom(file) {
  const [folder, room] = file.split("/");
  return folder === "test" && rooms.has(room);
}
