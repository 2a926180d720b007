import { type ExecFileException, execFile } from "node:child_process";
import { PixtokError } from "../shared/errors.js";

/** Memory of one GPU, as its driver counts it now. */
export interface GpuMemory {
  /** nvidia-smi's number: by PCI bus, as CUDA's with CUDA_DEVICE_ORDER=PCI_BUS_ID. */
  readonly index: number;
  /** The GPU's identifier, which CUDA_VISIBLE_DEVICES takes too. */
  readonly uuid: string;
  /** Name of the product. */
  readonly name: string;
  /** All memory of the GPU, in bytes. */
  readonly totalBytes: number;
  /** Memory that is free, in bytes. */
  readonly freeBytes: number;
  /** Memory that is in use, in bytes, by any process. */
  readonly usedBytes: number;
}

const MEBIBYTE = 2 ** 20;
const TIMEOUT_MS = 10_000;
const columns = ["index", "uuid", "name", "memory.total", "memory.free", "memory.used"];

function queryFailed(message: string, cause?: unknown): PixtokError {
  return new PixtokError("GPU_QUERY_FAILED", message, { cause });
}

function notFound(message: string, cause?: unknown): PixtokError {
  return new PixtokError("GPU_NOT_FOUND", message, { cause });
}

/** Why nvidia-smi gave no figures. It tells its own reasons on either of its outputs. */
function explain(error: ExecFileException, stdout: string, stderr: string): PixtokError {
  if (error.code === "ENOENT") return notFound("there is no nvidia-smi on PATH", error);
  if (error.killed === true) {
    return queryFailed(`nvidia-smi gave no answer in ${TIMEOUT_MS / 1000} seconds`, error);
  }
  const reason = `${stdout}\n${stderr}`.trim().split("\n")[0] || error.message;
  if (/no devices were found/i.test(reason)) return notFound("nvidia-smi finds no GPU", error);
  return queryFailed(`nvidia-smi failed: ${reason}`, error);
}

function runNvidiaSmi(): Promise<string> {
  const parameters = [`--query-gpu=${columns.join(",")}`, "--format=csv,noheader,nounits"];
  return new Promise((resolve, reject) => {
    execFile("nvidia-smi", parameters, { timeout: TIMEOUT_MS }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(explain(error, stdout, stderr));
    });
  });
}

/** A line of nvidia-smi's; only the name may have a comma in it. */
function parseGpu(line: string): GpuMemory {
  const cells = line.split(",").map((cell) => cell.trim());
  const [index = "", uuid = ""] = cells;
  const name = cells.slice(2, -3).join(", ");
  if (cells.length < columns.length || !/^\d+$/.test(index)) {
    throw queryFailed(`nvidia-smi answered what is not understood: ${JSON.stringify(line)}`);
  }
  const [totalBytes, freeBytes, usedBytes] = cells.slice(-3).map((cell) => {
    if (/^\d+$/.test(cell)) return Number(cell) * MEBIBYTE;
    throw queryFailed(`nvidia-smi does not report the memory of GPU ${index} (${name}): ${cell}`);
  }) as [number, number, number];
  return { index: Number(index), uuid, name, totalBytes, freeBytes, usedBytes };
}

/** The GPU that an entry of CUDA_VISIBLE_DEVICES names: by number, or by a prefix that only its UUID has. */
function namedGpu(gpus: readonly GpuMemory[], entry: string): GpuMemory | undefined {
  if (/^MIG-/.test(entry)) {
    throw queryFailed(
      `CUDA_VISIBLE_DEVICES names a part of a GPU (${entry}), and nvidia-smi tells the memory of whole ones`,
    );
  }
  if (/^\d+$/.test(entry)) return gpus.find(({ index }) => index === Number(entry));
  const named = entry.startsWith("GPU-") ? gpus.filter(({ uuid }) => uuid.startsWith(entry)) : [];
  return named.length === 1 ? named[0] : undefined;
}

/** Those that CUDA shows, in its order: an entry that names none, or one again, ends the list. */
function visibleGpus(gpus: readonly GpuMemory[], setting: string | undefined): GpuMemory[] {
  if (setting === undefined) return [...gpus];
  const visible: GpuMemory[] = [];
  for (const entry of setting.split(",")) {
    const gpu = namedGpu(gpus, entry.trim());
    if (gpu === undefined || visible.includes(gpu)) break;
    visible.push(gpu);
  }
  return visible;
}

/**
 * Memory of the GPUs of this machine, asked of `nvidia-smi`: in its order, or those and in the order
 * that the environment variable CUDA_VISIBLE_DEVICES names, so that entry i is CUDA's device i where
 * CUDA_DEVICE_ORDER is PCI_BUS_ID or all GPUs are alike.
 *
 * @throws {PixtokError} GPU_NOT_FOUND where there is none, or none that CUDA_VISIBLE_DEVICES shows;
 *   GPU_QUERY_FAILED where nvidia-smi fails, or does not report the memory.
 */
export async function gpuMemory(): Promise<GpuMemory[]> {
  const lines = (await runNvidiaSmi()).split("\n").filter((line) => line.trim() !== "");
  if (lines.length === 0 || /no devices were found/i.test(lines[0] as string)) {
    throw notFound("nvidia-smi finds no GPU");
  }
  const gpus = lines.map(parseGpu);
  const setting = process.env.CUDA_VISIBLE_DEVICES;
  const visible = visibleGpus(gpus, setting);
  if (visible.length > 0) return visible;
  throw notFound(
    `CUDA_VISIBLE_DEVICES=${JSON.stringify(setting)} shows none of the ${gpus.length} GPUs of this machine`,
  );
}
