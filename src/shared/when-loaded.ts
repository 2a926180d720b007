import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PixtokError } from "./errors.js";
import { machineFault } from "./machine-fault.js";

/**
 * Node says that there is no such module, or that a package.json is wrong, where no file can be opened.
 *
 * @param cause why a module could not be loaded.
 * @throws {PixtokError} OUT_OF_FILE_DESCRIPTORS
 */
export function requireDescriptors(cause: unknown): void {
  try {
    closeSync(openSync(fileURLToPath(import.meta.url), "r"));
  } catch (error) {
    const fault = machineFault(error);
    if (fault !== null) throw new PixtokError(fault.code, fault.reason, { cause });
  }
}

/**
 * A module that is loaded when it is wanted.
 *
 * @throws {PixtokError} OUT_OF_FILE_DESCRIPTORS
 */
export async function whenLoaded<M>(loading: Promise<M>): Promise<M> {
  try {
    return await loading;
  } catch (cause) {
    requireDescriptors(cause);
    throw cause;
  }
}
