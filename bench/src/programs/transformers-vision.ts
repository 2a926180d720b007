import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBench } from "../setup/paths.js";
import { PYTHON_NOT_INSTALLED } from "../setup/python.js";
import type { DecodeProgram } from "./decode.js";
import type { DecodeRun } from "./decoders.js";
import { runForJson } from "./native-program.js";

/** transformers' processor of Qwen2-VL in torch's DataLoader; why it cannot be run, where it cannot. */
export async function timeTransformersVision(
  images: readonly string[],
  python: string | undefined,
  workers: number,
  batchSize: number,
): Promise<DecodeProgram | { unavailable: string }> {
  if (python === undefined) return { unavailable: PYTHON_NOT_INSTALLED };
  const folder = await mkdtemp(join(tmpdir(), "pixtok-bench-list-"));
  const list = join(folder, "images.txt");
  await writeFile(list, `${images.join("\n")}\n`);
  const program = fromBench("python/time_vision.py");
  return {
    async run(leastSeconds) {
      const given = [program, `${workers}`, `${leastSeconds}`, `${batchSize}`, list];
      const [run] = await runForJson<[DecodeRun]>(python, {}, given);
      return run;
    },
    async close() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}
