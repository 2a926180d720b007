/** A scheme of at least two letters: one letter is a drive of Windows. */
const SCHEME = /^([a-z][a-z\d+.-]+):/i;

/** What a text that says where something is is: a path, a `file:` URL, a `data:` URL, or another URL. */
export type LocationKind = "path" | "file" | "data" | "url";

export function locationKind(text: string): LocationKind {
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return "path";
  if (scheme === "data") return "data";
  // a file's URL may have one slash (RFC 8089); a name such as "image:1.jpg" is a path
  if (scheme === "file" && text.startsWith("/", scheme.length + 1)) return "file";
  return text.startsWith("//", scheme.length + 1) || CUT.test(text) ? "url" : "path";
}

/** A URL as its text; anything else as it is. */
export function textOfUrl(given: unknown): unknown {
  return given instanceof URL ? given.href : given;
}

/** What is read from elsewhere, by a URL that has lost a slash, as where paths are joined or normalized. */
const CUT = /^(https?|s3|hf):\/(?!\/)/i;

/** What is wrong with a URL that is of nothing which can be read from elsewhere. */
export function urlProblem(text: string): string {
  const scheme = CUT.exec(text)?.[1];
  return scheme === undefined
    ? "a URL of another kind than http, https, s3 and hf"
    : `a URL with one slash, as where paths are joined; expected ${scheme}://`;
}
