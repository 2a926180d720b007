import { fileURLToPath } from "node:url";
import { locationKind } from "../shared/location.js";

const SHOWN_CHARACTERS = 100;

/** A text that says where an image is. */
export type ImageLocation = { path: string } | { bytes: Uint8Array } | { refusal: string };

/** Whether a text is a URL, and not the path of a file. */
export function isUrl(text: string): boolean {
  return locationKind(text) !== "path";
}

/** A URL as people are shown it: one of data may have megabytes. */
export function shownLocation(text: string): string {
  return isUrl(text) && text.length > SHOWN_CHARACTERS
    ? `${text.slice(0, SHOWN_CHARACTERS)}…`
    : text;
}

/** Images are read from files, from `file:` URLs and from `data:` URLs. */
export function imageLocation(text: string): ImageLocation {
  const kind = locationKind(text);
  if (kind === "data") return dataOf(text);
  if (kind === "file") return fileOf(text);
  if (kind === "url") {
    return { refusal: "this is a URL; images are read from files: download it first" };
  }
  if (text.startsWith("~/")) {
    return { refusal: "only a shell knows what ~ is: give the path in full, as by os.homedir()" };
  }
  return { path: text };
}

function fileOf(text: string): ImageLocation {
  try {
    return { path: fileURLToPath(text) };
  } catch (cause) {
    return {
      refusal: `this is no file: URL of a path on this machine: ${(cause as Error).message}`,
    };
  }
}

/** RFC 2397, with base64. */
function dataOf(text: string): ImageLocation {
  const comma = text.indexOf(",");
  if (!/;\s*base64\s*$/i.test(text.slice(0, Math.max(0, comma)))) {
    return { refusal: "this is a data: URL without base64" };
  }
  try {
    return { bytes: Buffer.from(decodeURIComponent(text.slice(comma + 1)), "base64") };
  } catch {
    return { refusal: "this data: URL is not escaped as URLs are" };
  }
}
