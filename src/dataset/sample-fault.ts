import { PixtokError } from "../shared/errors.js";
import { machineFault } from "../shared/machine-fault.js";

/** What a user's function throws is the sample's fault, unless the machine is behind it. */
export async function asSampleFault<T>(index: number, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const fault = machineFault(cause, { index });
    if (fault !== null) throw fault;
    if (cause instanceof PixtokError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PixtokError("SAMPLE_FAILED", reason, { index, cause });
  }
}
