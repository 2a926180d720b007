import { InvalidArgumentError } from "commander";
import { type BoxFormat, boxFormats } from "../show/boxes.js";
import { repeatedName } from "./repeated-name.js";

/** What the numbers of columns of boxes are: "box:xyxy,bbox:xywh". */
export function parseBoxes(value: string): Readonly<Record<string, BoxFormat>> {
  const columns = value.split(",").map((text) => {
    const [, name, format] = /^\s*(.+?)\s*:\s*(\w+)\s*$/.exec(text) ?? [];
    const known = boxFormats.find((one) => one === format);
    if (name !== undefined && known !== undefined) return [name, known] as const;
    throw new InvalidArgumentError(
      `Expected columns with what their numbers are, such as "box:xyxy"; of ${boxFormats.join(", ")}.`,
    );
  });
  const twice = repeatedName(columns);
  if (twice !== undefined) throw new InvalidArgumentError(`${twice} is given twice.`);
  return Object.fromEntries(columns);
}
