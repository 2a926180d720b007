import { type ChildProcess, fork } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { Packing, PackingOptions } from "../planning/measure-packing.js";
import type { Reading, ReadingOptions } from "../planning/measure-reading.js";
import { PixtokError } from "../shared/errors.js";
import type { DatasetArguments } from "./dataset-options.js";
import type { MeasuredAnswer, MeasuredTask, Opening } from "./measured-process.js";
import type { RepeatedSample } from "./sample-of-dataset.js";

const PROGRAM = fileURLToPath(new URL("./measured-process.js", import.meta.url));

function answerTo(task: MeasuredTask, variables: NodeJS.ProcessEnv): Promise<MeasuredAnswer> {
  const child = fork(PROGRAM, {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    execArgv: [],
    env: { ...process.env, ...variables },
  });
  // it would go on writing to a folder that is taken away when this process ends
  const end = () => child.kill("SIGKILL");
  process.prependListener("exit", end);
  for (const event of ["exit", "error"]) child.once(event, () => process.off("exit", end));
  return new Promise<MeasuredAnswer>((resolve, reject) => {
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-2000);
    });
    child.once("error", reject);
    child.once("message", (answer) => {
      resolve(answer as MeasuredAnswer);
      forget(child);
    });
    child.once("exit", (code, signal) => {
      reject(new Error(`the process that is measured has ended by ${signal ?? code}: ${said}`));
    });
    child.send(task);
  });
}

/** Node from 22 on may wait for a thread of its own for ever when it ends (nodejs/node#54918): nobody waits for the process. */
function forget(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
  (child.stderr as Socket | null)?.unref();
}

async function resultOf(task: MeasuredTask, variables = {}): Promise<unknown> {
  const answer = await answerTo(task, variables);
  if (answer.ok) return answer.result;
  const { code, message, ...origin } = answer.error;
  throw code === undefined ? new Error(message) : new PixtokError(code, message, origin);
}

/**
 * Opens a set in a process of its own.
 *
 * @param cacheDir where pixtok keeps what it has found out about files. Default: where it always does.
 * @throws {PixtokError} what is wrong with the data there, or with the machine.
 */
export async function measureOpening(
  source: readonly string[],
  given: DatasetArguments,
  cacheDir?: string,
): Promise<Opening> {
  const variables = cacheDir === undefined ? {} : { PIXTOK_CACHE: cacheDir };
  return (await resultOf({ what: "opening", source, given }, variables)) as Opening;
}

/**
 * Reads batches of a set in a process of its own.
 *
 * @throws {PixtokError} what is wrong with the data there, or with the machine.
 */
export async function measureReadingOf(
  source: readonly string[],
  given: DatasetArguments,
  options: ReadingOptions,
): Promise<Reading & { pairs: number }> {
  return (await resultOf({ what: "reading", source, given, options })) as Reading & {
    pairs: number;
  };
}

/**
 * Packs a set in a process of its own.
 *
 * @param size of images as they are stored, as of pixtok pack.
 * @param sample of the set, which is packed over and over; null: all of it.
 * @throws {PixtokError} what is wrong with the data there, or with the machine.
 */
export async function measurePackingOf(
  source: readonly string[],
  given: DatasetArguments,
  size: number | undefined,
  sample: RepeatedSample | null,
  options: PackingOptions,
): Promise<Packing> {
  return (await resultOf({ what: "packing", source, given, size, sample, options })) as Packing;
}
