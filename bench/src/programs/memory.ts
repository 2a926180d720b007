import { nativeProgram } from "../setup/paths.js";
import { runForJson } from "./native-program.js";

/** A loop that makes float32 of bytes in memory, and nothing else. */
export interface MemoryLoop {
  readonly name: string;
  /** Images of 3 x 224 x 224 a second. */
  readonly rate: number;
}

/** The rate of each plain loop that this CPU has: with ordinary and with streaming stores. */
export async function memoryRates(flags: {
  threads: number;
  images: number;
  rows: number;
  batches: number;
  seconds: number;
}): Promise<MemoryLoop[]> {
  const loops = await runForJson<{ name: string; images: number; seconds: number }[]>(
    nativeProgram("memory_benchmark"),
    flags,
  );
  return loops.map(({ name, images, seconds }) => ({ name, rate: images / seconds }));
}
