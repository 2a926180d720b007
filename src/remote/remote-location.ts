import { posix } from "node:path";
import { isHubId, isRevision } from "../hub/snapshot.js";
import { PixtokError } from "../shared/errors.js";

/** Where a file or folder is that is not on this machine. Paths and keys are not escaped, and "" is all there is. */
export type RemoteLocation =
  | { readonly kind: "http"; readonly url: URL }
  | { readonly kind: "s3"; readonly bucket: string; readonly path: string }
  | {
      readonly kind: "hub";
      readonly id: string;
      /** Branch, tag, commit or reference; undefined for the main branch. */
      readonly revision: string | undefined;
      readonly path: string;
    };

const REMOTE = /^(https?|s3|hf):\/\//i;

/** Whether a text is the URL of something that is read from elsewhere. */
export function isRemote(text: string): boolean {
  return REMOTE.test(text);
}

const HUB_PATH = /^datasets\/([^/@]+\/[^/@]+)(?:@(refs\/(?:convert|pr)\/[^/]+|[^/]+))?(?:\/(.*))?$/;

/** @throws {PixtokError} UNKNOWN_SOURCE for a URL that is not as it should be. */
export function remoteLocation(text: string): RemoteLocation {
  const scheme = REMOTE.exec(text)?.[1]?.toLowerCase();
  const rest = text.slice(text.indexOf("://") + 3);
  const refused = (expected: string) =>
    new PixtokError("UNKNOWN_SOURCE", `expected ${expected}`, { source: shownUrl(text) });
  switch (scheme) {
    case "s3": {
      const slash = rest.indexOf("/");
      const bucket = slash === -1 ? rest : rest.slice(0, slash);
      if (!/^[\w.-]+$/.test(bucket)) throw refused("s3://BUCKET/PREFIX");
      return { kind: "s3", bucket, path: slash === -1 ? "" : rest.slice(slash + 1) };
    }
    case "hf": {
      const [, id = "", named, path = ""] = HUB_PATH.exec(rest) ?? [];
      const revision = named === undefined ? undefined : decoded(named);
      if (!isHubId(id) || (revision !== undefined && !isRevision(revision))) {
        throw refused("hf://datasets/OWNER/NAME[@REVISION]/PATH");
      }
      return { kind: "hub", id, revision, path };
    }
    default:
      if (!URL.canParse(text)) throw refused("a URL");
      return { kind: "http", url: new URL(text) };
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The URL of a file in the folder that a URL names. `path` has slashes and leads nowhere else. */
export function urlWithin(folder: string, path: string): string {
  const base = folder.replace(/\/+$/, "");
  if (!/^https?:/i.test(folder)) return `${base}/${path}`;
  const url = new URL(folder);
  const escaped = path.split("/").map(encodeURIComponent).join("/");
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${escaped}`;
  url.search = "";
  url.hash = "";
  return url.href;
}

/** The URL of the folder that a file is in. */
export function folderOfUrl(file: string): string {
  if (!/^https?:/i.test(file)) return file.slice(0, Math.max(file.lastIndexOf("/"), 0));
  const url = new URL(file);
  url.pathname = posix.dirname(url.pathname);
  url.search = "";
  url.hash = "";
  return url.href;
}

/** A URL without a password, and without a query, which may be a signature. */
export function shownUrl(text: string): string {
  if (/^https?:/i.test(text) && !URL.canParse(text)) {
    // a password that is not escaped may have slashes
    return text.replace(/^(https?:\/\/).*@/is, "$1").replace(/[?#].*$/s, "");
  }
  const shown = text.replace(
    /^([a-z][a-z\d+.-]*:\/\/)[^/?#]*@(?=[^/]*(?:[/?#]|$))/i,
    (whole, scheme) => (/^hf:/i.test(whole) ? whole : scheme),
  );
  return /^https?:/i.test(shown) ? shown.replace(/[?#].*$/s, "") : shown;
}

/** The last part of a URL's path. */
export function nameInUrl(text: string): string {
  const location = remoteLocation(text);
  return location.kind === "http"
    ? decoded(posix.basename(location.url.pathname))
    : posix.basename(location.path);
}
