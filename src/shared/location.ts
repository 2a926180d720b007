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
  return text.startsWith("//", scheme.length + 1) ? "url" : "path";
}
