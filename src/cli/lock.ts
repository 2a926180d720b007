import { copyFile, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Command, Option } from "commander";
import { ImageProcessor } from "../image/image-processor.js";
import { backends, type ProcessorBackend } from "../image/pretrained/processor-backend.js";
import { createLock } from "../lock/create-lock.js";
import { LOCK_NAME, saveLock } from "../lock/lock-file.js";
import { PixtokError } from "../shared/errors.js";
import { writing } from "../shared/unwritable-file.js";
import { Tokenizer } from "../text/tokenizer.js";
import { parseCount } from "./parse-number.js";

interface LockArguments {
  processor?: string;
  backend?: ProcessorBackend;
  resampler?: "pillow13" | "pillow12";
  tokenizer?: string;
  clean?: "alphanumeric" | "none";
  maxLength?: number;
  out: string;
  json?: true;
}

const SCRIPT = "attest.py";

/** The script that compares a lock in Python, beside the lock. What is not ours under its name is kept. */
async function writeScript(folder: string): Promise<string> {
  const own = fileURLToPath(new URL(`../../python/${SCRIPT}`, import.meta.url));
  const path = join(folder, SCRIPT);
  const there = await readFile(path, "utf8").catch(() => undefined);
  const [firstLine = ""] = (await readFile(own, "utf8")).split("\n");
  if (there !== undefined && !there.startsWith(firstLine)) {
    const message = "there is another file of that name";
    const advice = "write the lock into another folder";
    throw new PixtokError("FILE_UNWRITABLE", message, { source: path, advice });
  }
  await writing(path, () => copyFile(own, path));
  return path;
}

async function processorOf({
  processor,
  backend,
  resampler,
}: LockArguments): Promise<ImageProcessor> {
  if (processor !== undefined) {
    return ImageProcessor.fromPretrained(processor, {
      ...(backend && { backend }),
      ...(resampler && { resampler }),
    });
  }
  if (backend !== undefined) throw new TypeError("--backend is of a processor: give --processor");
  return new ImageProcessor(resampler === undefined ? {} : { resampler });
}

export function addLock(program: Command): void {
  program
    .command("lock")
    .description(
      "write what images and texts go through, and what samples come to, for pixtok attest and attest.py",
    )
    .option(
      "--processor <path>",
      "folder, file or hub id of an image processor (default: the standard preset)",
    )
    .addOption(
      new Option("--backend <name>", "which of transformers' implementations").choices(backends),
    )
    .addOption(
      new Option("--resampler <name>", "whose resize on Pillow").choices(["pillow13", "pillow12"]),
    )
    .option("--tokenizer <path>", "folder, file or hub id of a tokenizer (default: no texts)")
    .addOption(
      new Option("--clean <how>", 'what is done to texts first (default: "alphanumeric")').choices([
        "alphanumeric",
        "none",
      ]),
    )
    .option("--max-length <tokens>", "tokens in a row (default: 128)", parseCount)
    .option("--out <file>", "where it is written", LOCK_NAME)
    .option("--json", "print where it is and what it has as JSON")
    .action(async (given: LockArguments) => {
      const { tokenizer, clean, maxLength, out, json } = given;
      const lock = await createLock({
        image: await processorOf(given),
        ...(tokenizer !== undefined && { tokenizer: await Tokenizer.fromPretrained(tokenizer) }),
        ...(clean && { clean }),
        ...(maxLength && { maxLength }),
      });
      await saveLock(lock, out);
      const script = await writeScript(dirname(out));
      const [images, texts] = [lock.images.length, lock.texts.length];
      console.log(
        json
          ? JSON.stringify({ file: out, script, images, texts }, null, 2)
          : `${out}: ${images} images, ${texts} texts; ${script} compares it in Python`,
      );
    });
}
