/**
 * A child process: the rate of pixtok's ImageProcessor or of sharp's decoders over lists of files in memory.
 *
 *   decode-files.ts pixtok|sharp THREADS SECONDS LIST...
 *
 * A LIST has one path a line. Its files are decoded in turn, once uncounted and then for SECONDS, at least
 * once. Prints a JSON array: images and seconds of each list. Precondition: PIXTOK_THREADS and
 * UV_THREADPOOL_SIZE are THREADS.
 */
import { readFileSync } from "node:fs";
import { ImageProcessor } from "pixtok";
import sharp from "sharp";
import type { DecodeRun } from "../programs/decoders.js";

type DecodeAll = (files: readonly Buffer[]) => Promise<unknown>;

/** All that becomes of an image: decoded, resized and normalized. */
function byPixtok(): DecodeAll {
  const processor = ImageProcessor.standard();
  return (files) => processor.process(files);
}

/** To RGB alone; more in flight than threads, so that none waits for this one. */
function bySharp(threads: number): DecodeAll {
  sharp.cache(false);
  sharp.concurrency(1);
  return async (files) => {
    let next = 0;
    const lane = async () => {
      for (let file = files[next++]; file !== undefined; file = files[next++]) {
        await sharp(file, { ignoreIcc: true, limitInputPixels: false }).raw().toBuffer();
      }
    };
    await Promise.all(Array.from({ length: 2 * threads }, lane));
  };
}

async function decodeList(
  files: readonly Buffer[],
  decodeAll: DecodeAll,
  leastSeconds: number,
): Promise<DecodeRun> {
  await decodeAll(files);
  const start = performance.now();
  for (let images = files.length; ; images += files.length) {
    await decodeAll(files);
    const seconds = (performance.now() - start) / 1000;
    if (seconds >= leastSeconds) return { images, seconds };
  }
}

const [decoder, threads, leastSeconds, ...lists] = process.argv.slice(2);
const decodeAll = decoder === "sharp" ? bySharp(Number(threads)) : byPixtok();
const runs: DecodeRun[] = [];
for (const list of lists) {
  const paths = readFileSync(list, "utf8").split("\n").filter(Boolean);
  const files = paths.map((path) => readFileSync(path));
  runs.push(await decodeList(files, decodeAll, Number(leastSeconds)));
}
process.stdout.write(`${JSON.stringify(runs)}\n`);
