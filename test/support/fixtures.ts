import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A path below test/data. */
export function fixture(path: string): string {
  return fileURLToPath(new URL(`../data/${path}`, import.meta.url));
}

/** A path below the shared folder beside the checkout, which most machines do not have. */
export function shared(path: string): string {
  return fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url));
}

/** For `skip`: false, or why a test on shared data cannot run. */
export function withoutShared(path = "golden"): string | false {
  return existsSync(shared(path)) ? false : "there is no shared data on this machine";
}

/** For `skip`: false, or what Windows lacks that a test needs. */
export function onWindows(lacking: string): string | false {
  return process.platform === "win32" && lacking;
}

export function readJsonLines<T>(path: string): T[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as T);
}

/** SHA-256 over the bytes that a typed array shows. */
export function sha256(data: ArrayBufferView): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return createHash("sha256").update(bytes).digest("hex");
}
