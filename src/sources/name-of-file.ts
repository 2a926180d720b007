import { basename } from "node:path";
import { isRemote, nameInUrl } from "../remote/remote-location.js";

/** What a file is called in its folder, by its path or URL: the same here and on a server. */
export function nameOfFile(place: string): string {
  return isRemote(place) ? nameInUrl(place) : basename(place);
}
