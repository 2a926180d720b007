// Pages as documents, without a browser: what is in them, and what a browser would make of it.

import { parseHTML } from "linkedom";
import sharp from "sharp";

/** What of a document tests look at; there are no types of a browser here. */
export interface PageElement {
  readonly textContent: string;
  readonly innerHTML: string;
  readonly children: Iterable<PageElement>;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  getAttribute(name: string): string | null;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement> & { readonly length: number };
}

export function documentOf(page: string): PageElement {
  return parseHTML(page).document.documentElement as unknown as PageElement;
}

export function textsOf(root: PageElement, selector: string): string[] {
  return Array.from(root.querySelectorAll(selector), ({ textContent }) => textContent.trim());
}

/** Red, green and blue of the pixels of an <img>, whose URL has them. */
export async function pixelsOf(
  image: PageElement | null,
): Promise<{ data: Buffer; width: number; height: number }> {
  const [, base64 = ""] = (image?.getAttribute("src") ?? "").split(";base64,");
  const { data, info } = await sharp(Buffer.from(base64, "base64"))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}
