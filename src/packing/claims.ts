import { link, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { randomToken, temporaryName } from "../shared/atomic-file.js";
import { PixtokError } from "../shared/errors.js";
import { isObject } from "../shared/validation.js";
import { hasEnded, type ProcessIdentity, thisProcess } from "./process-identity.js";

/**
 * Claims on what is going to be written, by processes on any machines that share a folder. A claim is a
 * file, `<name>.claim-<n>`, that is created exclusively and names its owner. The owner rewrites it every
 * HEARTBEAT_MS. A claim whose owner has ended, or has not written it for STALE_MS, is taken over by
 * creating the next number. That is exclusive too, so only one of several takes it over.
 */

const HEARTBEAT_MS = 20_000;

/** Long enough that a server that restarts, or a suspended process, is not taken for dead. */
const STALE_MS = 5 * 60_000;

/** Who has a claim, and on what terms. */
interface ClaimText extends ProcessIdentity {
  /** Distinguishes this claim from all others. */
  readonly token: string;
  readonly host: string;
  /** What the owner makes; see Claim. */
  readonly terms: string;
}

export interface Claim {
  /** Part of the names of what its owner writes. */
  readonly token: string;
  /** @throws {PixtokError} PACK_IN_USE where it has been taken over. */
  requireHeld(): Promise<void>;
  release(): Promise<void>;
}

/** A claim that is there. */
export interface FoundClaim {
  readonly path: string;
  readonly isLive: boolean;
  /** Null where it cannot be read, as it is just being written. */
  readonly text: ClaimText | null;
}

function parseClaim(content: string): ClaimText | null {
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

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === "ENOENT";

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

const numberOf = ({ path }: { path: string }) => Number(NUMBERED.exec(path)?.[2] ?? -1);

/** What a claim is on. */
export function claimed({ path }: { path: string }): string {
  return NUMBERED.exec(basename(path))?.[1] ?? "";
}

/** The error for what another process has claimed. */
export function inUse(folder: string, { text }: FoundClaim): PixtokError {
  const who = text === null ? "another process" : `process ${text.pid} on ${text.host}`;
  return new PixtokError("PACK_IN_USE", `${who} is packing the same files`, { source: folder });
}

/** What file systems without hard links say. */
const noLinks = new Set(["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EINVAL"]);

/** Creates a file that is whole as soon as it is there; false where there is one already. */
async function create(path: string, content: string): Promise<boolean> {
  const temporary = temporaryName(path);
  try {
    await writeFile(temporary, content, { flag: "wx" });
    await link(temporary, path).catch((error) => {
      if (!noLinks.has(error.code)) throw error;
      return writeFile(path, content, { flag: "wx" });
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/**
 * Claims a name. There need not be a file of this name.
 *
 * @param terms what others are to know of what is made.
 * @returns the claim, or else the live one that another has.
 */
export async function tryClaim(
  path: string,
  terms: string,
): Promise<{ claim: Claim } | { other: FoundClaim }> {
  const token = randomToken();
  const text: ClaimText = {
    token,
    host: hostname(),
    ...thisProcess(),
    terms,
  };
  const content = `${JSON.stringify(text)}\n`;
  const folder = dirname(path);
  const others = async () =>
    (await claimsIn(folder)).filter((one) => claimed(one) === basename(path));
  for (;;) {
    const before = await others();
    const live = before.find(({ isLive }) => isLive);
    if (live !== undefined) return { other: live };
    const number = Math.max(-1, ...before.map(numberOf)) + 1;
    const own = `${path}.claim-${number}`;
    if (!(await create(own, content))) continue; // another one was faster
    // another process may have taken it over, finished, and a third have claimed it since
    const now = (await others()).filter(({ text: one }) => one?.token !== token);
    const rival = now.find((one) => !before.some((old) => isSame(old, one)));
    if (rival !== undefined) {
      await rm(own, { force: true });
      await sleep(50 + 100 * Math.random());
      continue;
    }
    await Promise.all(before.map((old) => rm(old.path, { force: true })));
    return { claim: heldClaim(own, content, token, path) };
  }
}

function isSame(a: FoundClaim, b: FoundClaim): boolean {
  return a.path === b.path && a.text?.token === b.text?.token;
}

function heldClaim(own: string, content: string, token: string, path: string): Claim {
  let isLost = false;
  let beating: Promise<void> = Promise.resolve();
  const beat = async () => {
    try {
      const there = await readFile(own, "utf8");
      if (parseClaim(there)?.token !== token) throw Object.assign(new Error(), { code: "ENOENT" });
      const file = await open(own, "r+");
      // The same bytes in their place: a reader always sees all of it.
      await file.write(content, 0).finally(() => file.close());
    } catch (error) {
      if (isMissing(error)) isLost = true; // anything else may be over at the next beat
    }
  };
  const timer = setInterval(() => {
    beating = beating.then(beat);
  }, HEARTBEAT_MS);
  timer.unref();
  return {
    token,
    async requireHeld() {
      beating = beating.then(beat);
      await beating;
      if (!isLost) return;
      throw new PixtokError("PACK_IN_USE", "another process has taken its work over", {
        source: dirname(path),
      });
    },
    async release() {
      clearInterval(timer);
      await beating;
      if (!isLost) await rm(own, { force: true });
    },
  };
}
