/** How the bytes of a text file are read. */
export interface TextEncoding {
  name: "utf-8" | "utf-16le" | "utf-16be";
  /** Bytes of the byte order mark, at the file's start. */
  markBytes: number;
}

/** Found by the byte order mark; UTF-8 where there is none. Looks at three bytes. */
export function textEncoding(start: Buffer): TextEncoding {
  const [first, second, third] = start;
  if (first === 0xff && second === 0xfe) return { name: "utf-16le", markBytes: 2 };
  if (first === 0xfe && second === 0xff) return { name: "utf-16be", markBytes: 2 };
  const marked = first === 0xef && second === 0xbb && third === 0xbf;
  return { name: "utf-8", markBytes: marked ? 3 : 0 };
}

/** Bytes that are no text; the message says where that begins. */
export class NotText extends Error {
  override readonly name = "NotText";
}

const SHOWN_CHARACTERS = 20;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws {NotText} */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch (cause) {
    const shown = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    const before = shown.slice(0, shown.indexOf("\uFFFD")).slice(-SHOWN_CHARACTERS);
    const place = before === "" ? "" : `, after ${JSON.stringify(before)}`;
    throw new NotText(`it is not UTF-8${place}; save it as UTF-8`, { cause });
  }
}

/**
 * A whole file, in UTF-8, or in UTF-16 with its mark.
 *
 * @throws {NotText}
 */
export function decodeTextFile(bytes: Buffer): string {
  const { name, markBytes } = textEncoding(bytes);
  const text = bytes.subarray(markBytes);
  if (name === "utf-8") return decodeUtf8(text);
  try {
    return new TextDecoder(name, { fatal: true, ignoreBOM: true }).decode(text);
  } catch (cause) {
    throw new NotText("it begins as UTF-16 and is not; save it as UTF-8", { cause });
  }
}
