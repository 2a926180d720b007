import { setTimeout } from "node:timers/promises";
import { Queue } from "bullmq";
import { verifyPack } from "pixtok";
import { connect, type PackJob, type PackProgress, QUEUE } from "./queue.js";

const waiting = ["active", "waiting", "delayed", "prioritized"] as const;

/**
 * Says how far the jobs are until none is left, and then whether the set is whole.
 *
 * @returns whether it is, and parts that are missing.
 */
export async function watch(
  folder: string,
  parts: number,
): Promise<{ ok: boolean; missing: readonly number[] }> {
  const connection = connect();
  const queue = new Queue<PackJob>(QUEUE, { connection });
  try {
    for (;;) {
      const counts = await queue.getJobCounts(...waiting, "completed", "failed");
      const left = waiting.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
      const active = await queue.getJobs(["active"]);
      const pairs = active.reduce((sum, { progress }) => {
        const { done = 0 } = progress as Partial<PackProgress>;
        return sum + done;
      }, 0);
      console.log(
        `${left} parts left, ${counts.completed} done, ${counts.failed} failed; ${pairs} pairs of those under way`,
      );
      if (left === 0) break;
      await setTimeout(Number(process.env.WATCH_MS ?? 5000));
    }
    for (const { data, failedReason } of await queue.getJobs(["failed"])) {
      console.log(`part ${data.part.index} has failed: ${failedReason}`);
    }
  } finally {
    await queue.close();
    connection.disconnect();
  }
  const { ok, files, pairs, problems, missingParts = [] } = await verifyPack(folder, { parts });
  for (const { file, message } of problems) console.log(`${file ?? folder}: ${message}`);
  console.log(`${files} files, ${pairs} pairs: ${ok ? "whole" : "not whole"}`);
  return { ok, missing: missingParts };
}
