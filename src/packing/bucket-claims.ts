import { remoteLocation, shownUrl, urlWithin } from "../remote/remote-location.js";
import type { ServerSettings } from "../remote/remote-options.js";
import { withRetries } from "../remote/remote-retries.js";
import { s3List } from "../remote/s3.js";
import type { S3Place } from "../remote/s3-client.js";
import { noConditions, s3Delete, s3Put, s3Read } from "../remote/s3-write.js";
import { stayAlive } from "../remote/stay-alive.js";
import { neverAborted } from "../shared/abort.js";
import type { ClaimPlace } from "../shared/claim-place.js";
import { PLACE_CLAIM } from "./alone-in-place.js";
import { PART_CLAIM } from "./claimed-part.js";

/** Names of claims begin so: the rest of a set is not listed to find them. */
const BEGINNINGS = [`${PLACE_CLAIM}.claim-`, PART_CLAIM];

const IF_ABSENT = { isAbsent: true } as const;
/** The ETag of no object. */
const OF_ANOTHER = { etag: '"none"' } as const;

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
  const put = (name: string, content: string, condition: Parameters<typeof s3Put>[3]) =>
    s3Put(
      pathOf(name),
      bucketOf(urlOf(name)),
      Buffer.from(content),
      condition,
      settings,
      neverAborted,
    );
  const get = (name: string) => s3Read(pathOf(name), bucketOf(urlOf(name)), settings, neverAborted);
  const remove = (name: string) =>
    s3Delete(pathOf(name), bucketOf(urlOf(name)), settings, neverAborted);
  const etags = new Map<string, string>();
  let isTried = false;
  return {
    pollMs: 250,
    pathOf,
    async names() {
      const listed = BEGINNINGS.map(async (beginning) => {
        const place = bucketOf(urlOf(beginning));
        const list = () => s3List(shownUrl(folder), place, settings, neverAborted);
        const start = place.path.length - beginning.length;
        const objects = await stayAlive(withRetries(settings.remoteRetries, neverAborted, list));
        return objects.map(({ path }) => path.slice(start));
      });
      return (await Promise.all(listed)).flat();
    },
    async create(name, content) {
      let etag = await put(name, content, IF_ABSENT);
      if (etag === undefined) {
        // it is one's own where the answer that said so was lost
        const there = await get(name);
        if (there?.content.toString("utf8") !== content) return false;
        etag = there.etag;
      }
      if (!isTried) {
        for (const unmet of [IF_ABSENT, OF_ANOTHER]) {
          if ((await put(name, content, unmet)) === undefined) continue;
          await remove(name);
          throw noConditions(pathOf(name));
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
    async renew(name, content) {
      const etag = await put(name, content, { etag: etags.get(name) ?? "" });
      if (etag === undefined) return false;
      etags.set(name, etag);
      return true;
    },
    async remove(name) {
      etags.delete(name);
      await remove(name);
    },
  };
}
