import { stat } from "node:fs/promises";
import { machineFault } from "./machine-fault.js";

/**
 * Whether there is a file or folder at a path.
 *
 * @throws {PixtokError} a fault of the machine, by which nothing can be said.
 */
export async function fileExists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (cause) => {
      const fault = machineFault(cause, { source: path });
      if (fault !== null) throw fault;
      return false;
    },
  );
}
