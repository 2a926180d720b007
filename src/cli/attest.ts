import { stat } from "node:fs/promises";
import type { Command } from "commander";
import { ImageProcessor } from "../image/image-processor.js";
import { type Attestation, type AttestLockOptions, attestLock } from "../lock/attest-lock.js";
import { loadLock } from "../lock/lock-file.js";
import type { Lock, LockedProcessor } from "../lock/lock-format.js";
import { openPackLock } from "../packing/open-pack-lock.js";
import { locationKind } from "../shared/location.js";
import { Tokenizer } from "../text/tokenizer.js";
import { DIFFERS } from "./exit-code.js";

interface AttestArguments {
  processor?: string;
  tokenizer?: string;
  json?: true;
}

/** A lock, and what it is compared with where nothing is named. */
interface OpenedLock {
  readonly lock: Lock;
  readonly options: AttestLockOptions;
}

async function openLock(path: string): Promise<OpenedLock> {
  const found = await stat(path).catch(() => undefined);
  // a URL is refused with what to do
  if (found?.isDirectory() || locationKind(path) === "url") return openPackLock(path);
  return { lock: await loadLock(path), options: {} };
}

/** With the lock's choices, which are no part of the files. */
function namedProcessor(path: string, locked: LockedProcessor): Promise<ImageProcessor> {
  const { alpha, exifOrientation, resampler } = locked.config;
  return ImageProcessor.fromPretrained(path, {
    alpha,
    exifOrientation,
    ...(locked.huggingface && { backend: locked.huggingface.backend }),
    ...(resampler !== "torch" && { resampler }),
  });
}

function summaryOf({ same, samples, differences, versions }: Attestation): string {
  const notes = versions.map((line) => `note: ${line}`);
  const [first] = differences;
  if (same || first === undefined) return [...notes, `the same: ${samples} samples`].join("\n");
  const rest = differences.length - 1;
  const more = rest === 0 ? [] : [`and ${rest} more differences, in ${samples} samples`];
  return [...notes, `not the same: ${first.message}`, ...more].join("\n");
}

export function addAttest(program: Command): void {
  program
    .command("attest")
    .description(
      `say whether this machine gives what a lock says, and what differs first; code ${DIFFERS} if anything does`,
    )
    .argument("<lock>", "what pixtok lock wrote, or a packed set")
    .option("--processor <path>", "an image processor to compare, instead of the lock's own")
    .option("--tokenizer <path>", "a tokenizer to compare, instead of the lock's own")
    .option("--json", "print everything as JSON")
    .action(async (path: string, { processor, tokenizer, json }: AttestArguments) => {
      const { lock, options } = await openLock(path);
      const attestation = await attestLock(lock, {
        ...options,
        ...(processor !== undefined && { image: await namedProcessor(processor, lock.processor) }),
        ...(tokenizer !== undefined && { tokenizer: await Tokenizer.fromPretrained(tokenizer) }),
      });
      console.log(json ? JSON.stringify(attestation, null, 2) : summaryOf(attestation));
      if (!attestation.same) process.exitCode = DIFFERS;
    });
}
