/** The child process one contender runs in: answers one request of the runner at a time. */
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import type { RunningContender } from "../contenders/contender.js";
import { loadContender } from "../contenders/index.js";
import type { Measurement, WorkerReply, WorkerRequest } from "./protocol.js";

function send(reply: WorkerReply): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(reply, undefined, {}, (error) => (error ? reject(error) : resolve()));
  });
}

function peakMemory(): number {
  // On Linux maxRSS also remembers the process this one was forked from; VmHWM does not.
  try {
    const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
    if (match) return Number(match[1]) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}

async function measure(contender: RunningContender, seconds: number): Promise<Measurement> {
  // What an earlier round left behind is not this round's to collect.
  globalThis.gc?.();
  const loopBefore = performance.eventLoopUtilization();
  let pairs = 0;
  let elapsed = 0;
  do {
    const start = performance.now();
    const epoch = await contender.runEpoch();
    elapsed += epoch.seconds ?? (performance.now() - start) / 1000;
    pairs += epoch.pairs;
  } while (elapsed < seconds);
  return {
    pairs,
    seconds: elapsed,
    eventLoopUtilization: performance.eventLoopUtilization(loopBefore).utilization,
    peakMemory: peakMemory(),
  };
}

let running: RunningContender | undefined;

function requireRunning(): RunningContender {
  if (running === undefined) throw new Error("no contender has been set up");
  return running;
}

async function answer(request: WorkerRequest): Promise<WorkerReply> {
  switch (request.type) {
    case "setUp": {
      const contender = await loadContender(request.contender);
      const { description, exact, output } = contender;
      const introduction = { description, exact, output };
      const outcome = await contender.setUp(request.pairs, request.options);
      if ("unavailable" in outcome) {
        return { type: "unavailable", introduction, reason: outcome.unavailable };
      }
      running = outcome;
      return { type: "ready", introduction };
    }
    case "measure":
      return { type: "measured", measurement: await measure(requireRunning(), request.seconds) };
    case "deliver":
      await requireRunning().runEpoch((batch) => send({ type: "batch", batch }));
      return { type: "delivered" };
    case "close":
      await running?.close();
      return { type: "closed" };
  }
}

process.on("message", async (request: WorkerRequest) => {
  const reply = await answer(request).catch(
    (error: unknown): WorkerReply => ({
      type: "failed",
      reason: error instanceof Error ? error.message : String(error),
    }),
  );
  await send(reply);
  if (reply.type === "closed") process.disconnect();
});
// Also when the runner is gone, however it went.
process.on("disconnect", () => process.exit());
