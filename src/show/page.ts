import { createHash } from "node:crypto";
import { html, type Markup } from "./markup.js";
import { PAGE_STYLE } from "./page-style.js";

/** What a page is made of. */
interface PageContent {
  readonly title: string;
  readonly body: Markup;
  /** Code that runs in it. Default none. */
  readonly script?: string;
}

const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/**
 * A page of HTML that needs nothing else. Its policy lets a browser load nothing, and run nothing but what pixtok has put
 * into it, whatever a caption may hold.
 */
export function page({ title, body, script }: PageContent): string {
  const policy = [
    "default-src 'none'",
    "img-src data:",
    `style-src ${hashOf(PAGE_STYLE)}`,
    ...(script === undefined ? [] : [`script-src ${hashOf(script)}`]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const { markup } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${{ markup: PAGE_STYLE }}</style>
</head>
<body>
${body}
${script !== undefined && html`<script>${{ markup: script }}</script>`}
</body>
</html>
`;
  return markup;
}
