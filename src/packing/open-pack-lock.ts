import { shownUrl } from "../remote/remote-location.js";
import { locationKind } from "../shared/location.js";
import { outOfRange, requireString } from "../shared/validation.js";
import type { OpenedPackLock } from "./pack-lock.js";

/** A set's lock, and the set's tokenizer to compare it with. */
export async function openPackLock(folder: string): Promise<OpenedPackLock> {
  requireString("folder", folder, "the path of a folder");
  if (locationKind(folder) === "url") {
    const advice = "copy pixtok.lock.json and the set's other files into one";
    throw outOfRange("folder", `the path of a folder (${advice})`, shownUrl(folder));
  }
  const { readPackLock } = await import("./pack-lock.js");
  return readPackLock(folder);
}
