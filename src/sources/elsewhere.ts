import { isHubId } from "../hub/snapshot.js";
import { isRemote } from "../remote/remote-location.js";
import { PixtokError } from "../shared/errors.js";
import { fileExists } from "../shared/file-exists.js";
import { unknownSource } from "./found-source.js";

/** What is called so is a file, and no dataset of the hub. */
const FILE = /\.(jsonl?|ndjson|[ct]sv|txt|tar|zip|gz|parquet|arrow)$/i;

/** What the hub says of a name that may as well be a path with a mistake in it. */
const unknownToHub = ["HUB_REPO_NOT_FOUND", "HUB_UNREACHABLE"];

/** The error for a name that no file has here, where the hub has an error about it, too. */
export function noFileEither(name: string, error: unknown): unknown {
  if (!(error instanceof PixtokError) || !unknownToHub.includes(error.code)) return error;
  const { reason } = error;
  const message = `no such file or folder; nor is it known to be a dataset of the hub: ${reason}`;
  return new PixtokError("FILE_NOT_FOUND", message, { source: name, cause: error });
}

/** The URLs of data that is elsewhere; undefined where all of it is here. */
export async function elsewhereAmong(names: readonly string[]): Promise<string[] | undefined> {
  const [first = ""] = names;
  if (names.length === 1 && first.includes("/") && isHubId(first) && !FILE.test(first)) {
    return (await fileExists(first)) ? undefined : [`hf://datasets/${first}`];
  }
  if (!names.some(isRemote)) return undefined;
  const local = names.find((name) => !isRemote(name));
  if (local === undefined) return [...names];
  throw unknownSource(local, "expected a URL, as the others are: one source is here or elsewhere");
}
