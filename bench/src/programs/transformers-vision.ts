import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { fromBench } from "../setup/paths.js";
import { PYTHON_NOT_INSTALLED } from "../setup/python.js";
import type { DecodeProgram } from "./decode.js";
import type { DecodeRun } from "./decoders.js";
import { writeImageList } from "./image-list.js";
import { runForJson } from "./native-program.js";

/** transformers' processor of Qwen2-VL in torch's DataLoader; why it cannot be run, where it cannot. */
export async function timeTransformersVision(
  images: readonly string[],
  python: string | undefined,
  workers: number,
  batchSize: number,
): Promise<DecodeProgram | { unavailable: string }> {
  if (python === undefined) return { unavailable: PYTHON_NOT_INSTALLED };
  try {
    await promisify(execFile)(python, ["-c", "import PIL, torch, torchvision, transformers"]);
  } catch {
    return { unavailable: "this Python lacks one of PIL, torch, torchvision and transformers" };
  }
  const list = await writeImageList(images);
  const program = fromBench("python/time_vision.py");
  return {
    async run(leastSeconds) {
      const given = [program, `${workers}`, `${leastSeconds}`, `${batchSize}`, list.file];
      const [run] = await runForJson<[DecodeRun]>(python, {}, given);
      return run;
    },
    close: list.close,
  };
}
