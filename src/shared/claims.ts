import { hostname } from "node:os";
import { basename, dirname } from "node:path";
import { randomToken } from "./atomic-file.js";
import type { ClaimPlace } from "./claim-place.js";
import { folderClaims } from "./folder-claims.js";
import {
  type ClaimText,
  claimsAt,
  type FoundClaim,
  HEARTBEAT_MS,
  isLeft,
  isSame,
  nameOfClaim,
  numberOf,
} from "./found-claims.js";
import { pause } from "./pause.js";
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
 * @throws the signal's reason, once it is aborted, where others are faster again and again.
 */
export async function tryClaimAt(
  place: ClaimPlace,
  name: string,
  terms: string,
  signal?: AbortSignal,
): Promise<GotClaim> {
  const token = randomToken();
  const text: ClaimText = {
    token,
    host: hostname(),
    ...thisProcess(),
    terms,
  };
  const content = `${JSON.stringify(text)}\n`;
  for (;;) {
    const before = await claimsAt(place, name);
    const live = before.find(({ isLive }) => isLive);
    if (live !== undefined) return { other: live };
    const number = Math.max(-1, ...before.map(numberOf)) + 1;
    const own = `${name}.claim-${number}`;
    if (!(await place.create(own, content))) {
      await pause(place.pollMs * Math.random(), signal); // another one was faster
      continue;
    }
    let hasRival: boolean;
    try {
      // another process may have taken it over, finished, and a third have claimed it since
      const now = (await claimsAt(place, name)).filter(({ text: one }) => one?.token !== token);
      hasRival = now.some((one) => !before.some((old) => isSame(old, one)));
      if (!hasRival) {
        const left = before.filter((old) => isLeft(place, old));
        await Promise.all(left.map((old) => place.remove(nameOfClaim(old), old.text?.token)));
      }
    } catch (error) {
      // nobody would renew it, and it would keep others away
      await place.remove(own, token).catch(() => {});
      throw error;
    }
    if (!hasRival) return { claim: heldClaim(place, own, content, token) };
    await place.remove(own, token);
    await pause(50 + 100 * Math.random(), signal);
  }
}

function heldClaim(place: ClaimPlace, own: string, content: string, token: string): Claim {
  let isLost = false;
  let beating: Promise<void> | undefined;
  const stop = new AbortController();
  const beat = () => {
    beating ??= place
      .renew(own, content, stop.signal)
      // what else is wrong may be over at the next beat
      .catch(() => true)
      .then((isThere) => {
        if (!isThere) isLost = true;
        beating = undefined;
      });
    return beating;
  };
  const timer = setInterval(beat, HEARTBEAT_MS);
  timer.unref();
  return {
    token,
    async isHeld() {
      // one that is under way may have been answered before
      await beating;
      await beat();
      return !isLost;
    },
    async release() {
      clearInterval(timer);
      stop.abort();
      await beating;
      if (!isLost) await place.remove(own, token);
    },
  };
}
