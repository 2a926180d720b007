import { open } from "node:fs/promises";

/** Tells an image's format from the first bytes of its file, whatever its name says. */
export async function imageFormat(file: string): Promise<"JPEG" | "PNG" | "other"> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    const start = buffer.toString("latin1", 0, bytesRead);
    if (start.startsWith("\xff\xd8\xff")) {
      return "JPEG";
    }
    return start === "\x89PNG" ? "PNG" : "other";
  } finally {
    await handle.close();
  }
}
