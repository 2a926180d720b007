import { createHash } from "node:crypto";
import { Queue } from "bullmq";
import { connect, type PackedSet, type PackJob, QUEUE } from "./queue.js";

/**
 * Puts a job for each of the parts into the queue. One that waits there already, or is under way, is not put in again; one that
 * has ended is, and keeps the files that are there.
 */
export async function produce(set: PackedSet, parts: readonly number[], of: number): Promise<void> {
  const connection = connect();
  const queue = new Queue<PackJob>(QUEUE, { connection });
  const name = createHash("sha256").update(JSON.stringify(set)).digest("hex").slice(0, 16);
  try {
    for (const index of parts) {
      const jobId = `${name}-${index}-of-${of}`;
      const before = await queue.getJob(jobId);
      if ((await before?.isCompleted()) || (await before?.isFailed())) await before?.remove();
      await queue.add(
        "part",
        { ...set, part: { index, of } },
        {
          jobId,
          // of faults that may pass: a worker says so of those that will not
          attempts: 1000,
          backoff: { type: "fixed", delay: Number(process.env.RETRY_MS ?? 30_000) },
        },
      );
    }
  } finally {
    await queue.close();
    connection.disconnect();
  }
}
