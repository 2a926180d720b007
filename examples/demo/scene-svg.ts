import { between, type Random } from "./random.js";
import {
  type ColourName,
  colours,
  type Group,
  type Region,
  type ScenePlan,
  type ShapeName,
} from "./scene-plan.js";

/** Draws a planned scene: a lit background with soft patches, and shaded shapes with shadows. */
export function sceneSvg(plan: ScenePlan, random: Random): string {
  const { width, height, background, groups } = plan;
  const lightX = between(random, 0.15, 0.85).toFixed(3);
  const gradients = [
    `<radialGradient id="background" cx="${lightX}" cy="0.2" r="1.1">
      <stop offset="0" stop-color="${shade(background, 9)}"/>
      <stop offset="1" stop-color="${shade(background, -7)}"/>
    </radialGradient>`,
    ...groups.map(
      ({ colour }, index) => `<linearGradient id="group${index}" x1="0" y1="0" x2="0.5" y2="1">
      <stop offset="0" stop-color="${shade(colour, 8)}"/>
      <stop offset="1" stop-color="${shade(colour, -8)}"/>
    </linearGradient>`,
    ),
  ];
  const drawings = groups.map((group, index) => drawGroup(group, `group${index}`, random));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <defs>
      ${gradients.join("")}
    </defs>
    <rect width="${width}" height="${height}" fill="url(#background)"/>
    ${patches(plan, random)}
    ${drawings.join("")}
  </svg>`;
}

function patches({ width, height, background }: ScenePlan, random: Random): string {
  return Array.from({ length: 14 }, () => {
    const x = between(random, 0, width).toFixed(1);
    const y = between(random, 0, height).toFixed(1);
    const across = between(random, 20, width / 4).toFixed(1);
    const down = between(random, 15, height / 5).toFixed(1);
    const fill = shade(background, between(random, -12, 12));
    return `<ellipse cx="${x}" cy="${y}" rx="${across}" ry="${down}" fill="${fill}" opacity="0.3"/>`;
  }).join("");
}

function drawGroup({ count, shape, region, centred }: Group, fill: string, random: Random): string {
  return slots(region, count)
    .map((slot) => {
      const size = Math.min(slot.width, slot.height) * between(random, 0.72, 0.92);
      const x = slot.left + size / 2 + (centred ? 0.5 : random()) * (slot.width - size);
      const y = slot.top + size / 2 + (centred ? 0.5 : random()) * (slot.height - size);
      const turn = between(random, -6, 6);
      const place = `translate(${x.toFixed(1)} ${y.toFixed(1)}) rotate(${turn.toFixed(1)}) scale(${(size / 2).toFixed(2)})`;
      const shadow = [1.02, 1.05, 1.08, 1.11].map(
        (spread) =>
          `<path d="${outlines[shape]}" transform="translate(4 7) ${place} scale(${spread})" opacity="0.1"/>`,
      );
      return `${shadow.join("")}<path d="${outlines[shape]}" transform="${place}" fill="url(#${fill})"/>`;
    })
    .join("");
}

/** Equal parts of a region along its longer side, one for each shape. */
function slots({ left, top, width, height }: Region, count: number): Region[] {
  return Array.from({ length: count }, (_, index) =>
    width >= height
      ? { left: left + (index * width) / count, top, width: width / count, height }
      : { left, top: top + (index * height) / count, width, height: height / count },
  );
}

function shade(colour: ColourName, lighter: number): string {
  const [hue, saturation, lightness] = colours[colour];
  const shaded = Math.min(Math.max(lightness + lighter, 3), 98);
  return `hsl(${hue}, ${saturation}%, ${shaded.toFixed(1)}%)`;
}

/** Each shape within the circle of radius 1 around the origin, as an SVG path. */
const outlines: Record<ShapeName, string> = {
  circle: "M-1 0A1 1 0 0 1 1 0A1 1 0 0 1 -1 0Z",
  square: "M-0.75 -0.75H0.75V0.75H-0.75Z",
  triangle: polygon([1, 1, 1], -90),
  star: polygon([1, 0.42, 1, 0.42, 1, 0.42, 1, 0.42, 1, 0.42], -90),
  diamond: polygon([1, 0.62, 1, 0.62], -90),
  hexagon: polygon([1, 1, 1, 1, 1, 1], 0),
  cross: "M-0.3 -0.9H0.3V-0.3H0.9V0.3H0.3V0.9H-0.3V0.3H-0.9V-0.3H-0.3Z",
  heart:
    "M0 0.9C-1.3 0 -0.9 -0.85 -0.45 -0.85C-0.15 -0.85 0 -0.6 0 -0.45C0 -0.6 0.15 -0.85 0.45 -0.85C0.9 -0.85 1.3 0 0 0.9Z",
};

/** A closed path through corners at even angles, each at its own distance from the centre. */
function polygon(distances: readonly number[], startDegrees: number): string {
  const corners = distances.map((distance, index) => {
    const angle = ((startDegrees + (360 * index) / distances.length) * Math.PI) / 180;
    return `${(distance * Math.cos(angle)).toFixed(4)} ${(distance * Math.sin(angle)).toFixed(4)}`;
  });
  return `M${corners.join("L")}Z`;
}
