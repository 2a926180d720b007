import { link, open, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { randomToken, temporaryName } from "./atomic-file.js";
import {
  type ClaimText,
  claimed,
  claimsIn,
  type FoundClaim,
  HEARTBEAT_MS,
  isMissing,
  isSame,
  numberOf,
  parseClaim,
} from "./found-claims.js";
import { lacksHardLinks } from "./hard-links.js";
import { thisProcess } from "./process-identity.js";

/**
 * Claims on what is going to be written, by processes on any machines that share a folder. A claim is a
 * file, `<name>.claim-<n>`, that is created exclusively and names its owner. The owner rewrites it every
 * HEARTBEAT_MS. A claim whose owner has ended, or has not written it for STALE_MS, is taken over by
 * creating the next number. That is exclusive too, so only one of several takes it over.
 */

export interface Claim {
  /** Part of the names of what its owner writes. */
  readonly token: string;
  /** Whether it has not been taken over. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/** Creates a file that is whole as soon as it is there; false where there is one already. */
async function create(path: string, content: string): Promise<boolean> {
  const temporary = temporaryName(path);
  try {
    await writeFile(temporary, content, { flag: "wx" });
    await link(temporary, path).catch((error) => {
      if (!lacksHardLinks(error)) throw error;
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
    return { claim: heldClaim(own, content, token) };
  }
}

function heldClaim(own: string, content: string, token: string): Claim {
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
    async isHeld() {
      beating = beating.then(beat);
      await beating;
      return !isLost;
    },
    async release() {
      clearInterval(timer);
      await beating;
      if (!isLost) await rm(own, { force: true });
    },
  };
}
