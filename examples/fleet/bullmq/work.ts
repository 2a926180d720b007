import { type Job, UnrecoverableError, Worker } from "bullmq";
import { ImageProcessor, MultimodalDataset, type PackResult, packDataset, Tokenizer } from "pixtok";
import { connect, type PackJob, type PackProgress, QUEUE } from "./queue.js";
import { isTemporary } from "./temporary-error.js";

async function pack(
  { source, folder, root, tokenizer, size, fileBytes, part }: PackJob,
  onProgress: (progress: PackProgress) => void,
): Promise<PackResult> {
  const image = new ImageProcessor({ resize: { width: size, height: size } });
  const given = { image, ...(root !== null && { root }) };
  const dataset =
    tokenizer === null
      ? await MultimodalDataset.from(source, { ...given, text: null })
      : await MultimodalDataset.from(source, {
          ...given,
          tokenizer: await Tokenizer.fromPretrained(tokenizer),
        });
  return packDataset(dataset, folder, {
    fileBytes,
    part,
    onProgress: (done, total) => onProgress({ done, total }),
  });
}

/** Packs a part. Files that are there are kept: a job that was begun before goes on behind the last one. */
async function work(job: Job<PackJob>): Promise<{ written: number; kept: number }> {
  let saying: Promise<unknown> = Promise.resolve();
  try {
    const { written, kept } = await pack(job.data, (progress) => {
      // a job that has been given to another worker has no progress of this one
      saying = saying.then(() => job.updateProgress(progress)).catch(() => {});
    });
    return { written, kept };
  } catch (error) {
    if (isTemporary(error)) throw error;
    throw new UnrecoverableError((error as Error).message);
  } finally {
    await saying;
  }
}

/**
 * Takes jobs, one at a time, until it is told to end. One that was killed, or is frozen, does not renew the lock of its job
 * any more, and another one takes it. The files are safe whatever happens: who packs claims them, the other one gets
 * PACK_IN_USE, and comes back when they are there or the claim is void.
 */
export async function startWorker(): Promise<void> {
  const connection = connect();
  const lockDuration = Number(process.env.LOCK_MS ?? 60_000);
  const worker = new Worker<PackJob>(QUEUE, work, {
    connection,
    lockDuration,
    stalledInterval: lockDuration,
    // machines of a fleet go at any time: that says nothing against a job
    maxStalledCount: 1000,
  });
  worker.on("active", ({ data }) => {
    console.log(`begun: part ${data.part.index} of ${data.part.of}`);
  });
  worker.on("completed", ({ data }, { written, kept }) => {
    console.log(`part ${data.part.index} of ${data.part.of}: ${written} files, ${kept} kept`);
  });
  worker.on("failed", (job, { message }) => {
    console.log(`part ${job?.data.part.index} of ${job?.data.part.of}: ${message}`);
  });
  worker.on("stalled", (id) => console.log(`taken over: ${id}`));
  worker.on("error", ({ message }) => console.error(message));
  const stop = async () => {
    await worker.close(); // when the job under way is done
    connection.disconnect();
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}
