import { access, open } from "node:fs/promises";
import { runtimeInfo } from "pixtok";
import { nativeProgram } from "../setup/paths.js";
import type { DecodeRun } from "./decoders.js";
import { writeImageList } from "./image-list.js";
import { NOT_BUILT, runForJson } from "./native-program.js";

const program = nativeProgram("decode_benchmark");

/**
 * What a JPEG file is decoded to: RGB, with libjpeg-turbo's own upsampling and colour conversion, or the
 * planes that it stores, where nothing is upsampled and no colour is converted.
 */
export type DecodeOutput = "rgb" | "planes";

/** libjpeg-turbo alone, over a list of files that it has in memory. */
export interface DecodeProgram {
  /** Every file once uncounted, then all of them at least once, for as long as is asked. */
  run(leastSeconds: number): Promise<DecodeRun>;
  close(): Promise<void>;
}

async function isJpeg(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer[0] === 0xff && buffer[1] === 0xd8;
  } finally {
    await file.close();
  }
}

export async function jpegsAmong(paths: readonly string[]): Promise<string[]> {
  const jpegs: string[] = [];
  for (const path of paths) if (await isJpeg(path)) jpegs.push(path);
  return jpegs;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** @returns why it cannot be run, where it cannot. */
export async function prepareDecodeProgram(
  jpegs: readonly string[],
  threads: number,
  output: DecodeOutput,
): Promise<DecodeProgram | { unavailable: string }> {
  const { library } = runtimeInfo().decoder;
  if (!library) return { unavailable: "pixtok found no libjpeg-turbo library to open" };
  if (!(await exists(program))) return { unavailable: `decode_benchmark ${NOT_BUILT}` };
  if (jpegs.length === 0) return { unavailable: "none of the images is a JPEG" };

  const list = await writeImageList(jpegs);
  const decoder = output === "rgb" ? "libjpeg-turbo" : "libjpeg-turbo-planes";
  return {
    async run(leastSeconds) {
      const given = [decoder, library, `${threads}`, `${leastSeconds}`, list.file];
      const [run] = await runForJson<[DecodeRun]>(program, {}, given);
      return run;
    },
    close: list.close,
  };
}
