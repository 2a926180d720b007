import { extname } from "node:path";
import { isPictureName } from "./picture-folder.js";
import type { ShardComponent, ShardSample } from "./shard-samples.js";

/** How a text is written. */
export type TextFormat = "txt" | "json" | "cls";

/** Which files of a sample are its picture and its text. */
export interface SampleParts {
  readonly picture: ShardComponent;
  readonly text: ShardComponent;
  readonly format: TextFormat;
}

export interface PartNames {
  /** Extensions; undefined: the usual ones. */
  readonly image: string | undefined;
  readonly text: string | undefined;
}

const textFormats = ["txt", "json", "cls"] as const satisfies TextFormat[];

const isPicture = (extension: string) => isPictureName(`x.${extension}`);

function formatOf(extension: string): TextFormat {
  const last = extname(`x.${extension}`).slice(1);
  return textFormats.find((format) => format === last) ?? "txt";
}

/** The one file that a test is true of, or else a message that there are none or several. */
function theOne(
  components: readonly ShardComponent[],
  test: (extension: string) => boolean,
  what: string,
  option: string,
): ShardComponent | string {
  const found = components.filter(({ extension }) => test(extension.toLowerCase()));
  const [first] = found;
  const names = (list: readonly ShardComponent[]) =>
    list.map(({ extension }) => extension).join(", ");
  if (first === undefined) return `it has no ${what} among ${names(components)}`;
  if (found.length > 1) return `it has several ${what}s, ${names(found)}; name one as ${option}`;
  return first;
}

/** The parts of a sample, or what is wrong with it. */
export function sampleParts({ components }: ShardSample, names: PartNames): SampleParts | string {
  const extensions = components.map(({ extension }) => extension.toLowerCase());
  const twice = extensions.find((extension, i) => extensions.indexOf(extension) !== i);
  if (twice !== undefined) return `it has two files ${twice}`;

  // "jpg" goes before "mask.png"
  const plain = extensions.some((extension) => isPicture(extension) && !extension.includes("."));
  const isUsualPicture = (extension: string) =>
    isPicture(extension) && !(plain && extension.includes("."));
  const { image } = names;
  const picture = theOne(
    components,
    image === undefined ? isUsualPicture : (extension) => extension === image.toLowerCase(),
    "picture",
    "imageExtension",
  );
  if (typeof picture === "string") return picture;

  const wanted = names.text?.toLowerCase() ?? textFormats.find((one) => extensions.includes(one));
  const text = theOne(components, (extension) => extension === wanted, "text", "textExtension");
  if (typeof text === "string") return text;
  return { picture, text, format: formatOf(text.extension.toLowerCase()) };
}
