import { PixtokError } from "../shared/errors.js";
import { MAX_CAUSES } from "../shared/limits.js";

/** Messages of runtimes that are out of memory, and of nothing else. */
const messages: readonly RegExp[] = [
  /out of memory/i, // CUDA failure 2, cudaErrorMemoryAllocation, WebGPU
  /failed to allocate memory/i, // the BFCArena of onnxruntime; TensorFlow
  /available memory of \d+ is smaller than requested/i, // BFCArena with a limit
  /CU(BLAS|DNN)_STATUS_ALLOC_FAILED/,
  /OOM when allocating/i, // TensorFlow
  /resource ?_?exhausted/i, // TensorFlow: ResourceExhausted, RESOURCE_EXHAUSTED
  /TF_Status: 8\b/, // the same as a number
  /bad_alloc|bad allocation/, // C++
  /8007000E/i, // Windows' E_OUTOFMEMORY, from DirectML
];

/** V8's, for an array that cannot be had, or that no array can be as long as. */
const rangeMessages = /array buffer allocation failed|invalid typed array length: \d/i;

/**
 * Whether an error says that there is not enough memory, on the device or on the host: those of
 * onnxruntime-node (CUDA, DirectML, CPU), of TensorFlow.js, of V8 and of pixtok itself. An error whose
 * `cause` is such an error is one too.
 */
export function isOutOfMemoryError(error: unknown): boolean {
  let current = error;
  for (let depth = 0; depth < MAX_CAUSES && current !== undefined; depth += 1) {
    if (saysOutOfMemory(current)) return true;
    current = current instanceof Error ? current.cause : undefined;
  }
  return false;
}

function saysOutOfMemory(error: unknown): boolean {
  if (error instanceof PixtokError) return error.code === "OUT_OF_MEMORY";
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  if (error instanceof RangeError && rangeMessages.test(text)) return true;
  return messages.some((message) => message.test(text));
}
