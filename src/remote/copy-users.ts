import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { randomToken } from "../shared/atomic-file.js";
import { tryClaim } from "../shared/claims.js";
import { claimed, claimsIn, type FoundClaim } from "../shared/found-claims.js";
import { isRunning } from "../shared/process-identity.js";

/**
 * Folders of a cache's users. A process, or a thread of one, has in its folder links to the copies that it
 * reads, and files that it is fetching. A claim on the folder says that its owner lives.
 */
const USER = /^user-[0-9a-f]{12}$/;

/** Makes a folder for this thread. */
export async function addUser(users: string): Promise<string> {
  const folder = join(users, `user-${randomToken()}`);
  await makeUser(folder);
  return folder;
}

/**
 * Makes a thread's own folder where it is not there: at first; and where somebody has emptied the cache, or taken this
 * process for dead, on a machine that slept for long.
 */
export async function makeUser(folder: string): Promise<void> {
  const isThere = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isThere) return;
  await mkdir(dirname(folder), { recursive: true });
  // before there is a folder, which without a claim would be a dead one's
  await tryClaim(folder, "");
  await mkdir(folder, { recursive: true });
}

/** A process may not have come to its claim for long, as a program that computes does not. */
function lives({ isLive, text }: FoundClaim): boolean {
  return isLive || (text !== null && isRunning(text));
}

/** Removes what users have left that live no more; gives the folders of the others. */
export async function liveUsers(users: string): Promise<string[]> {
  // names first: whoever comes later has a claim by the time claims are looked at
  const names = (await readdir(users)).filter((name) => USER.test(name));
  const claims = await claimsIn(users);
  const live = new Set(claims.filter(lives).map(claimed));
  const dead = [
    ...names.filter((name) => !live.has(name)).map((name) => join(users, name)),
    ...claims.filter((claim) => !lives(claim)).map(({ path }) => path),
  ];
  await Promise.all(dead.map((path) => rm(path, { recursive: true, force: true })));
  return names.filter((name) => live.has(name)).map((name) => join(users, name));
}
