import { fileURLToPath } from "node:url";
import sharp from "sharp";

const longestText = 160;

const fontFile = fileURLToPath(import.meta.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf"));
// On a machine with no fonts and no font configuration this keeps fontconfig from complaining;
// everywhere it makes the sheet look the same.
process.env.FONTCONFIG_FILE ??= fileURLToPath(
  import.meta.resolve("dejavu-fonts-ttf/fontconfig/57-dejavu-sans.conf"),
);

/** Draws a dataset index and a text, wrapped to a width in pixels, as a PNG with alpha. */
export async function drawCaption(
  index: number,
  text: string,
  width: number,
): Promise<{ image: Buffer; height: number }> {
  const shortened = text.length > longestText ? `${text.slice(0, longestText).trimEnd()}…` : text;
  const markup = `<span foreground="#888888">${index}</span>  ${escapeMarkup(shortened)}`;
  const { data, info } = await sharp({
    text: {
      text: markup,
      font: "DejaVu Sans 10",
      fontfile: fontFile,
      dpi: 90,
      width,
      wrap: "word-char",
      rgba: true,
    },
  })
    .png()
    .toBuffer({ resolveWithObject: true });
  return { image: data, height: info.height };
}

/** Makes text safe for Pango, which reads markup and refuses control characters. */
function escapeMarkup(text: string): string {
  return text
    .replace(/\p{Cc}/gu, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
