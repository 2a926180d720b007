/** HTML that is put into HTML as it is. */
export interface Markup {
  readonly markup: string;
}

/** What a template takes: a text is escaped, and nothing is there for undefined, null and false. */
export type Content = string | number | Markup | readonly Content[] | null | undefined | false;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A picture of each control character that HTML does not allow. */
const controlPicture = (control: string) => String.fromCodePoint(0x2400 + control.charCodeAt(0));

/** A text as it stands in HTML, in an element or in a quoted attribute. What UTF-8 or HTML does not have is replaced. */
export function escaped(text: string): string {
  return (
    text
      .replace(/[&<>"']/g, (character) => entities[character] as string)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, controlPicture)
      .replace(/\u007f/g, "\u2421")
      .replace(/\p{Surrogate}/gu, "\ufffd")
  );
}

function markupOf(content: Content): string {
  if (typeof content === "string") return escaped(content);
  if (typeof content === "number") return String(content);
  if (content === null || content === undefined || content === false) return "";
  return "markup" in content ? content.markup : content.map(markupOf).join("");
}

/** HTML with whatever stands in it escaped, but other HTML: html`<p title="${name}">${text}</p>`. */
export function html(parts: TemplateStringsArray, ...contents: Content[]): Markup {
  const filled = parts.map((part, i) => (i === 0 ? part : markupOf(contents[i - 1]) + part));
  return { markup: filled.join("") };
}
