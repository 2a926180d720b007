import { unreachable } from "../remote/remote-errors.js";
import { remoteLocation, shownUrl, urlWithin } from "../remote/remote-location.js";
import type { ServerSettings } from "../remote/remote-options.js";
import { withRetries } from "../remote/remote-retries.js";
import { s3List } from "../remote/s3.js";
import type { S3Place } from "../remote/s3-client.js";
import { noConditions, type PutCondition, s3Delete, s3Put, s3Read } from "../remote/s3-write.js";
import { stayAlive } from "../remote/stay-alive.js";
import { neverAborted, stopWith } from "../shared/abort.js";
import type { ClaimPlace } from "../shared/claim-place.js";
import { HEARTBEAT_MS, parseClaim } from "../shared/found-claims.js";
import { PLACE_CLAIM } from "./alone-in-place.js";
import { PART_CLAIM } from "./claimed-part.js";

/** Names of claims begin so: the rest of a set is not listed to find them. */
const BEGINNINGS = [`${PLACE_CLAIM}.claim-`, PART_CLAIM];

/** Whatever else begins so is somebody's own. */
const NAME = new RegExp(`^(?:${PLACE_CLAIM}|${PART_CLAIM}\\d+-to-\\d+-of-\\d+)\\.claim-\\d{1,15}$`);

/** A store that says so often that there is a claim which is not there does not know conditions. */
const MOST_DENIALS = 10;

const IF_ABSENT = { isAbsent: true } as const;
/** The ETag of no object. */
const OF_ANOTHER = { etag: '"none"' } as const;

const tokenOf = (content: Buffer) => parseClaim(content.toString("utf8"))?.token;

/** The place in a bucket that a URL names. */
export function bucketOf(url: string): S3Place {
  const location = remoteLocation(url);
  if (location.kind !== "s3") throw new TypeError("the URL is of no bucket");
  return location;
}

/**
 * Claims that are objects beside those of a set. That there is one of a name at most, and that one which was taken over is not
 * written anew, is by conditional writes: a store without them is refused.
 */
export function bucketClaims(folder: string, settings: ServerSettings): ClaimPlace {
  const urlOf = (name: string) => urlWithin(folder, name);
  const pathOf = (name: string) => shownUrl(urlOf(name));
  const once = { ...settings, remoteRetries: 0 };
  const put = (
    name: string,
    content: string,
    condition: PutCondition,
    how = settings,
    signal = neverAborted,
  ) => s3Put(pathOf(name), bucketOf(urlOf(name)), Buffer.from(content), condition, how, signal);
  const get = (name: string, how = settings, signal = neverAborted) =>
    s3Read(pathOf(name), bucketOf(urlOf(name)), how, signal);
  /** Does work on a claim that takes no longer than the time between two heartbeats. */
  const briefly = async <T>(
    name: string,
    parent: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const { signal, abort, unlink } = stopWith(parent);
    const late = new Error(`it has not answered within ${HEARTBEAT_MS / 1000} seconds`);
    const timer = setTimeout(() => abort(unreachable(pathOf(name), late)), HEARTBEAT_MS);
    try {
      return await work(signal);
    } finally {
      clearTimeout(timer);
      unlink();
    }
  };
  /** Claims whose last renewal has failed. */
  const doubtful = new Set<string>();
  const remove = (name: string, token: string | undefined) =>
    briefly(name, neverAborted, (signal) => {
      let isSure = !doubtful.has(name);
      const ask = async () => {
        if (!isSure) {
          // the answer may have been lost, and another process may have made one of this name since
          const there = await get(name, once, signal);
          if (there === undefined || tokenOf(there.content) !== token) return;
        }
        isSure = false;
        await s3Delete(pathOf(name), bucketOf(urlOf(name)), once, signal);
      };
      return stayAlive(withRetries(settings.remoteRetries, signal, ask));
    });
  /** Tries whether the store heeds conditions, by a claim that is there. */
  const tryConditions = async (name: string, content: string) => {
    for (const unmet of [IF_ABSENT, OF_ANOTHER]) {
      if ((await put(name, content, unmet)) !== undefined) throw noConditions(pathOf(name));
    }
  };
  const etags = new Map<string, string>();
  let isTried = false;
  let denials = 0;
  return {
    pollMs: 250,
    areWhole: true,
    pathOf,
    async names(on) {
      const beginnings = on === undefined ? BEGINNINGS : [`${on}.claim-`];
      const listed = beginnings.map(async (beginning) => {
        const place = bucketOf(urlOf(beginning));
        const list = () => s3List(shownUrl(folder), place, settings, neverAborted);
        const start = place.path.length - beginning.length;
        const objects = await stayAlive(withRetries(settings.remoteRetries, neverAborted, list));
        return objects.map(({ path }) => path.slice(start)).filter((name) => NAME.test(name));
      });
      return (await Promise.all(listed)).flat();
    },
    async create(name, content) {
      let etag = await put(name, content, IF_ABSENT);
      if (etag === undefined) {
        // it is one's own where the answer that said so was lost
        const there = await get(name);
        denials = there === undefined ? denials + 1 : 0;
        if (denials >= MOST_DENIALS) throw noConditions(pathOf(name));
        if (there?.content.toString("utf8") !== content) return false;
        etag = there.etag;
      }
      denials = 0;
      if (!isTried) {
        try {
          await tryConditions(name, content);
        } catch (error) {
          // nobody would renew it, and it would keep others away
          await remove(name, tokenOf(Buffer.from(content))).catch(() => {});
          throw error;
        }
      }
      isTried = true;
      etags.set(name, etag);
      return true;
    },
    async read(name) {
      const there = await get(name);
      if (there === undefined) return undefined;
      const { content, written, read: now } = there;
      return { content: content.toString("utf8"), written, now: async () => now };
    },
    renew: (name, content, parent) =>
      briefly(name, parent, async (signal) => {
        doubtful.add(name);
        let etag = await put(name, content, { etag: etags.get(name) ?? "" }, once, signal);
        if (etag === undefined) {
          // it is still one's own where the answer was lost to a renewal that gave it another ETag
          const there = await get(name, once, signal);
          if (there?.content.toString("utf8") !== content) return false;
          etag = there.etag;
        }
        etags.set(name, etag);
        doubtful.delete(name);
        return true;
      }),
    async remove(name, token) {
      await remove(name, token);
      etags.delete(name);
      doubtful.delete(name);
    },
  };
}
