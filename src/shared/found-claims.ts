import { basename } from "node:path";
import type { ClaimPlace, WrittenClaim } from "./claim-place.js";
import { folderClaims } from "./folder-claims.js";
import { limitAtOnce } from "./limit-at-once.js";
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

const NUMBERED = /^(.+)\.claim-(\d+)$/;

const isYoung = async ({ written, now }: WrittenClaim) => (await now()) - written < STALE_MS;

async function look(place: ClaimPlace, name: string): Promise<FoundClaim | null> {
  const there = await place.read(name);
  if (there === undefined) return null; // it has just been released
  const path = place.pathOf(name);
  const text = parseClaim(there.content);
  if (text !== null && hasEnded(text)) return { path, isLive: false, text };
  const isLive = Math.abs(Date.now() - there.written) < 2 * HEARTBEAT_MS || (await isYoung(there));
  return { path, isLive, text };
}

/** Claims that are read at the same time. */
const READ_AT_ONCE = 16;

/**
 * Claims in a place.
 *
 * @param on what they are claims on. Default: whatever is claimed.
 */
export async function claimsAt(place: ClaimPlace, on?: string): Promise<FoundClaim[]> {
  const isWanted = (name: string) =>
    NUMBERED.test(name) && (on === undefined || claimed({ path: name }) === on);
  const names = (await place.names(on)).filter(isWanted);
  const limited = limitAtOnce(READ_AT_ONCE);
  const found = await Promise.all(names.map((name) => limited(() => look(place, name))));
  return found.filter((one) => one !== null);
}

/** Whether a claim was left by its owner; what only has the name of one is somebody's own file. */
export const isLeft = (place: ClaimPlace, { isLive, text }: FoundClaim) =>
  !isLive && (text !== null || !place.areWhole);

/** All claims in a folder. */
export const claimsIn = (folder: string) => claimsAt(folderClaims(folder));

/** A claim that takes over another one has a higher number. */
export const numberOf = ({ path }: { path: string }) => Number(NUMBERED.exec(path)?.[2] ?? -1);

/** What a claim itself is called in its place. */
export const nameOfClaim = ({ path }: { path: string }) => basename(path);

/** What a claim is on. */
export function claimed({ path }: { path: string }): string {
  return NUMBERED.exec(basename(path))?.[1] ?? "";
}

/** Whether they are one claim, and not one that came in the place of another. */
export function isSame(a: FoundClaim, b: FoundClaim): boolean {
  return a.path === b.path && a.text?.token === b.text?.token;
}
