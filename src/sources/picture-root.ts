import { isAbsolute, relative, resolve, sep } from "node:path";

/**
 * The picture that a data set names, below its root folder; undefined where the path leads out of that
 * and this is not allowed. Data sets come from elsewhere: one must not make pictures of any file here.
 */
export function pictureBelow(
  root: string,
  path: string,
  allowOutside: boolean,
): string | undefined {
  const picture = resolve(root, path);
  if (allowOutside) return picture;
  const inside = relative(resolve(root), picture);
  const leadsOut = inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside);
  return leadsOut || path.includes("\0") ? undefined : picture;
}

export const LEADS_OUT =
  "the path leads out of the root folder, which is an error unless allowOutsideRoot is true";
