import { between, pick, type Random, shuffled } from "./random.js";

/** Where the shapes of a group may lie, in pixels from the top left corner. */
export interface Region {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Hue in degrees, saturation and lightness in percent. */
export type Hsl = readonly [hue: number, saturation: number, lightness: number];

/** Some equal shapes of one colour that share a region. */
export interface Group {
  count: 1 | 2 | 3;
  colour: ColourName;
  shape: ShapeName;
  region: Region;
  /** In the middle of the region rather than anywhere within it. */
  centred?: boolean;
}

/** What an image shows, and the sentence that says so. */
export interface ScenePlan {
  width: number;
  height: number;
  background: ColourName;
  groups: Group[];
  caption: string;
}

export const colours = {
  red: [2, 78, 46],
  orange: [27, 92, 53],
  yellow: [52, 92, 56],
  green: [128, 48, 38],
  blue: [216, 76, 46],
  purple: [278, 46, 44],
  pink: [334, 78, 74],
  brown: [24, 46, 28],
  gray: [210, 4, 52],
  white: [40, 20, 94],
  black: [220, 10, 11],
} satisfies Record<string, Hsl>;

export type ColourName = keyof typeof colours;

const colourNames = Object.keys(colours) as ColourName[];

const shapeNames = [
  "circle",
  "square",
  "triangle",
  "star",
  "diamond",
  "hexagon",
  "cross",
  "heart",
] as const;

export type ShapeName = (typeof shapeNames)[number];

const imageSizes = [
  [500, 375],
  [500, 375],
  [500, 333],
  [480, 360],
  [560, 420],
  [375, 500],
  [333, 500],
  [448, 448],
] as const;

type Arrangement = "alone" | "above" | "below" | "to the left of" | "to the right of" | "inside";

const arrangements = [
  "alone",
  "above",
  "above",
  "below",
  "to the left of",
  "to the right of",
  "inside",
] as const satisfies Arrangement[];

/** Makes up one scene. */
export function planScene(random: Random): ScenePlan {
  const [width, height] = pick(random, imageSizes);
  const [first = "red", second = "blue", background = "green"] = shuffled(random, colourNames);
  const whole = inset({ left: 0, top: 0, width, height }, Math.min(width, height) * 0.05);
  const arrangement = pick(random, arrangements);
  const surroundings = `on ${article(background)} ${background} background`;

  if (arrangement === "alone") {
    const group = makeGroup(random, first, whole);
    const caption = `${phrase(group)} ${surroundings}`;
    return { width, height, background, groups: [group], caption };
  }

  if (arrangement === "inside") {
    const outer: Group = {
      count: 1,
      colour: second,
      shape: pick(random, ["circle", "square", "hexagon"]),
      region: centredSquare(whole),
      centred: true,
    };
    const inner: Group = {
      ...makeGroup(random, first, inset(outer.region, outer.region.width * 0.3)),
      count: 1,
    };
    const caption = `${phrase(inner, "small")} inside ${phrase(outer, "large")} ${surroundings}`;
    return { width, height, background, groups: [outer, inner], caption };
  }

  const { subject, object } = split(random, whole, arrangement);
  const subjectGroup = makeGroup(random, first, subject);
  const objectGroup = makeGroup(random, second, object);
  const caption = `${phrase(subjectGroup)} ${arrangement} ${phrase(objectGroup)} ${surroundings}`;
  return { width, height, background, groups: [subjectGroup, objectGroup], caption };
}

function makeGroup(random: Random, colour: ColourName, region: Region): Group {
  return { count: pick(random, [1, 1, 2, 3]), colour, shape: pick(random, shapeNames), region };
}

function phrase({ count, colour, shape }: Group, size?: "small" | "large"): string {
  const noun = count === 1 ? shape : shape === "cross" ? "crosses" : `${shape}s`;
  const adjectives = size === undefined ? colour : `${size} ${colour}`;
  if (count === 1) {
    return `${article(adjectives)} ${adjectives} ${noun}`;
  }
  return `${count === 2 ? "two" : "three"} ${adjectives} ${noun}`;
}

function article(word: string): "a" | "an" {
  return /^[aeiou]/.test(word) ? "an" : "a";
}

/** Two regions, the subject's lying as the arrangement says, with a gap between them. */
function split(
  random: Random,
  whole: Region,
  arrangement: Exclude<Arrangement, "alone" | "inside">,
): { subject: Region; object: Region } {
  const share = between(random, 0.42, 0.58);
  const gap = 0.03;
  const { left, top, width, height } = whole;
  const upright = arrangement === "above" || arrangement === "below";
  const near = upright
    ? { left, top, width, height: height * (share - gap) }
    : { left, top, width: width * (share - gap), height };
  const far = upright
    ? { left, top: top + height * (share + gap), width, height: height * (1 - share - gap) }
    : { left: left + width * (share + gap), top, width: width * (1 - share - gap), height };
  return arrangement === "above" || arrangement === "to the left of"
    ? { subject: near, object: far }
    : { subject: far, object: near };
}

function inset({ left, top, width, height }: Region, margin: number): Region {
  return {
    left: left + margin,
    top: top + margin,
    width: width - 2 * margin,
    height: height - 2 * margin,
  };
}

function centredSquare({ left, top, width, height }: Region): Region {
  const side = Math.min(width, height);
  return {
    left: left + (width - side) / 2,
    top: top + (height - side) / 2,
    width: side,
    height: side,
  };
}
