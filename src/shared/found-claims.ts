import { open, readdir, readFile, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { temporaryName } from "./atomic-file.js";
import { hasEnded, type ProcessIdentity } from "./process-identity.js";
import { isObject } from "./validation.js";

/** How often a claim is written anew. */
export const HEARTBEAT_MS = 20_000;

/** Long enough that a server that restarts, or a suspended process, is not taken for dead. */
const STALE_MS = 5 * 60_000;

/** Who has a claim, and on what terms. */
export interface ClaimText extends ProcessIdentity {
  /** Distinguishes this claim from all others. */
  readonly token: string;
  readonly host: string;
  /** What the owner makes; see tryClaim(). */
  readonly terms: string;
}

/** A claim that is there. */
export interface FoundClaim {
  readonly path: string;
  readonly isLive: boolean;
  /** Null where it cannot be read, as it is just being written. */
  readonly text: ClaimText | null;
}

/** Null for what is no claim. */
export function parseClaim(content: string): ClaimText | null {
  try {
    const value: unknown = JSON.parse(content);
    if (!isObject(value) || typeof value.pid !== "number") return null;
    const { token, host, pid, processes, started, terms } = value;
    const words = [token, host, processes, started, terms];
    if (!words.every((word) => typeof word === "string")) return null;
    const [ofToken, ofHost, ofProcesses, ofStart, ofTerms] = words as string[];
    return {
      token: ofToken as string,
      host: ofHost as string,
      pid,
      processes: ofProcesses as string,
      started: ofStart as string,
      terms: ofTerms as string,
    };
  } catch {
    return null;
  }
}

export const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === "ENOENT";

/**
 * The time by the clock of the file system, which stamps claims; that of this machine may be another.
 */
async function fileSystemTime(folder: string): Promise<number> {
  const path = temporaryName(join(folder, "time"));
  const file = await open(path, "wx");
  try {
    await file.write("0");
    return (await file.stat()).mtimeMs;
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}

const NUMBERED = /^(.+)\.claim-(\d+)$/;

async function isYoung(path: string, written: number): Promise<boolean> {
  return (await fileSystemTime(dirname(path))) - written < STALE_MS;
}

async function look(path: string): Promise<FoundClaim | null> {
  try {
    const text = parseClaim(await readFile(path, "utf8"));
    if (text !== null && hasEnded(text)) return { path, isLive: false, text };
    const { mtimeMs } = await stat(path);
    const isLive =
      Math.abs(Date.now() - mtimeMs) < 2 * HEARTBEAT_MS || (await isYoung(path, mtimeMs));
    return { path, isLive, text };
  } catch (error) {
    if (isMissing(error)) return null; // it has just been released
    throw error;
  }
}

/** All claims in a folder, on whatever files. */
export async function claimsIn(folder: string): Promise<FoundClaim[]> {
  const names = (await readdir(folder)).filter((name) => NUMBERED.test(name));
  const found = await Promise.all(names.map((name) => look(join(folder, name))));
  return found.filter((one) => one !== null);
}

/** A claim that takes over another one has a higher number. */
export const numberOf = ({ path }: { path: string }) => Number(NUMBERED.exec(path)?.[2] ?? -1);

/** What a claim is on. */
export function claimed({ path }: { path: string }): string {
  return NUMBERED.exec(basename(path))?.[1] ?? "";
}

/** Whether they are one claim, and not one that came in the place of another. */
export function isSame(a: FoundClaim, b: FoundClaim): boolean {
  return a.path === b.path && a.text?.token === b.text?.token;
}
