import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { sharp } from "../native/sharp.js";

/** A caption as a PNG file with alpha. */
export interface DrawnCaption {
  readonly file: Buffer;
  readonly height: number;
}

/** Folders of fonts on Linux; macOS and Windows have some. */
const fontFolders = [
  "/usr/share/fonts",
  "/usr/local/share/fonts",
  join(homedir(), ".fonts"),
  join(homedir(), ".local/share/fonts"),
];

/** Whether this machine has fonts. Without any, letters would be boxes. */
export function hasFonts(
  platform: NodeJS.Platform = process.platform,
  folders: readonly string[] = fontFolders,
): boolean {
  if (platform === "darwin" || platform === "win32") return true;
  return folders.some((folder) => existsSync(folder) && readdirSync(folder).length > 0);
}

/** Two lines of an image's width, or so. */
const lettersOf = (width: number) => Math.max(8, Math.floor(width / 3.4));

/** A text as Pango takes it, which reads markup and refuses control characters. */
function pangoText(text: string): string {
  return text
    .replace(/\p{Cc}|\p{Surrogate}/gu, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}

/** Draws an index and a text, shortened to about two lines of this width in pixels. */
export async function drawCaption(
  index: number,
  text: string,
  width: number,
): Promise<DrawnCaption> {
  const letters = [...text];
  const most = lettersOf(width);
  const short = letters.length > most ? `${letters.slice(0, most).join("").trimEnd()}…` : text;
  const markup = `<span foreground="#6b6b75">#${index}</span>  <span foreground="#1b1b1f">${pangoText(short)}</span>`;
  const { data, info } = await sharp({
    text: { text: markup, font: "sans 9", dpi: 90, width, wrap: "word-char", rgba: true },
  })
    .png()
    .toBuffer({ resolveWithObject: true });
  return { file: data, height: info.height };
}
