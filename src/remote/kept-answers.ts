import { neverAborted } from "../shared/abort.js";
import { PixtokError } from "../shared/errors.js";
import { limitAtOnce } from "../shared/limit-at-once.js";
import { copyCache } from "./copy-cache.js";
import { copyKey } from "./copy-place.js";
import type { RemoteSettings } from "./remote-options.js";
import { withRetries } from "./remote-retries.js";
import { stayAlive } from "./stay-alive.js";

/** What servers say of files, which is kept in the cache for when they say nothing. */
export interface KeptAnswers {
  /**
   * Asks, and again where that fails; gives what is kept where the server cannot be reached, with a process
   * warning PIXTOK_REMOTE_UNREACHABLE.
   *
   * @param server which is not waited for again where it has not answered.
   */
  ask<T>(server: string, question: string, ask: () => Promise<T>): Promise<T>;
  /** What is kept; undefined where there is nothing, or it has been damaged. */
  read<T>(question: string): Promise<T | undefined>;
}

/** Questions that are asked at the same time. */
const AT_ONCE = 16;

export const isUnreachable = (error: unknown): error is PixtokError =>
  error instanceof PixtokError &&
  (error.code === "REMOTE_UNREACHABLE" || error.code === "HUB_UNREACHABLE");

export function warnOfUse(what: string, error: PixtokError): void {
  process.emitWarning(`${what} is used, as ${error.message}`, {
    code: "PIXTOK_REMOTE_UNREACHABLE",
  });
}

export function keptAnswers(settings: RemoteSettings): KeptAnswers {
  const { cacheDir, cacheBytes, remoteRetries, endpoint } = settings;
  const atOnce = limitAtOnce(AT_ONCE);
  const silent = new Set<string>();
  const keyOf = (question: string) => copyKey("answer", question, endpoint);
  const textOf = async (question: string) =>
    (await (await copyCache(cacheDir)).read(keyOf(question)))?.toString("utf8");
  const parsed = <T>(text: string | undefined): T | undefined => {
    try {
      return text === undefined ? undefined : (JSON.parse(text) as T);
    } catch {
      return undefined;
    }
  };
  return {
    async ask<T>(server: string, question: string, ask: () => Promise<T>): Promise<T> {
      const before = await textOf(question);
      const kept = parsed<T>(before);
      if (kept !== undefined && silent.has(server)) return kept;
      try {
        const answer = await stayAlive(atOnce(() => withRetries(remoteRetries, neverAborted, ask)));
        const text = JSON.stringify(answer);
        if (before !== text) {
          const cache = await copyCache(cacheDir);
          await cache.write(keyOf(question), Buffer.from(text), cacheBytes, neverAborted);
        }
        return JSON.parse(text) as T;
      } catch (error) {
        if (!isUnreachable(error) || kept === undefined) throw error;
        if (!silent.has(server)) warnOfUse(`what is in ${cacheDir}`, error);
        silent.add(server);
        return kept;
      }
    },
    read: async (question) => parsed(await textOf(question)),
  };
}
