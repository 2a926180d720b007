import { isUtf8 } from "node:buffer";
import { join } from "node:path";

/**
 * A file's name as its bytes on the disk, one in each character. Names of files need not be UTF-8; and
 * these sort by their bytes, on every machine alike.
 */
export type ByteName = string;

const ASCII = /^[\0-\x7f]*$/;

export function byteName(name: string | Buffer): ByteName {
  if (typeof name !== "string") return name.toString("latin1");
  return ASCII.test(name) ? name : Buffer.from(name, "utf8").toString("latin1");
}

/** The name as people read it; undefined where it is not UTF-8. */
export function textOfName(name: ByteName): string | undefined {
  if (ASCII.test(name)) return name;
  const bytes = Buffer.from(name, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : undefined;
}

/** The name for messages and ids: what is not UTF-8 has escapes, as `caf\xE9`. */
export function shownName(name: ByteName): string {
  const escaped = (byte: string) => `\\x${byte.charCodeAt(0).toString(16).toUpperCase()}`;
  return textOfName(name) ?? name.replace(/[\x80-\xff]/g, escaped);
}

/** Where a file is, as the file system takes it: bytes, where there is no text for it. */
export function pathOfName(folder: string, name: ByteName): string | Buffer {
  const text = textOfName(name);
  return text === undefined
    ? Buffer.concat([Buffer.from(`${folder}/`, "utf8"), Buffer.from(name, "latin1")])
    : join(folder, text);
}

export function shownPath(path: string | Buffer): string {
  return typeof path === "string" ? path : shownName(byteName(path));
}
