import { hostname } from "node:os";
import { basename, dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { randomToken } from "./atomic-file.js";
import type { ClaimPlace } from "./claim-place.js";
import { folderClaims } from "./folder-claims.js";
import {
  type ClaimText,
  claimed,
  claimsAt,
  type FoundClaim,
  HEARTBEAT_MS,
  isSame,
  nameOfClaim,
  numberOf,
} from "./found-claims.js";
import { thisProcess } from "./process-identity.js";

/**
 * Claims on what is going to be written, by processes on any machines that share a place, as a folder. A claim is a
 * file in it, `<name>.claim-<n>`, that is created exclusively and names its owner. The owner rewrites it every
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

/** A claim, or else the live one that another has. */
export type GotClaim = { claim: Claim } | { other: FoundClaim };

/** Claims the name of a file. There need not be one of this name. */
export function tryClaim(path: string, terms: string): Promise<GotClaim> {
  return tryClaimAt(folderClaims(dirname(path)), basename(path), terms);
}

/**
 * Claims a name.
 *
 * @param terms what others are to know of what is made.
 */
export async function tryClaimAt(
  place: ClaimPlace,
  name: string,
  terms: string,
): Promise<GotClaim> {
  const token = randomToken();
  const text: ClaimText = {
    token,
    host: hostname(),
    ...thisProcess(),
    terms,
  };
  const content = `${JSON.stringify(text)}\n`;
  const others = async () => (await claimsAt(place)).filter((one) => claimed(one) === name);
  for (;;) {
    const before = await others();
    const live = before.find(({ isLive }) => isLive);
    if (live !== undefined) return { other: live };
    const number = Math.max(-1, ...before.map(numberOf)) + 1;
    const own = `${name}.claim-${number}`;
    if (!(await place.create(own, content))) continue; // another one was faster
    // another process may have taken it over, finished, and a third have claimed it since
    const now = (await others()).filter(({ text: one }) => one?.token !== token);
    const rival = now.find((one) => !before.some((old) => isSame(old, one)));
    if (rival !== undefined) {
      await place.remove(own);
      await sleep(50 + 100 * Math.random());
      continue;
    }
    await Promise.all(before.map((old) => place.remove(nameOfClaim(old))));
    return { claim: heldClaim(place, own, content, token) };
  }
}

function heldClaim(place: ClaimPlace, own: string, content: string, token: string): Claim {
  let isLost = false;
  let beating: Promise<void> = Promise.resolve();
  const beat = async () => {
    // what else is wrong may be over at the next beat
    const isThere = await place.renew(own, content).catch(() => true);
    if (!isThere) isLost = true;
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
      if (!isLost) await place.remove(own);
    },
  };
}
