import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Group, ScenePlan } from "../demo/scene-plan.js";
import { drawScene } from "../training-scenes.js";

/** A conversation about pictures, as data sets on the hub have it. */
export interface QuestionRow {
  images: string[];
  messages: { role: "user" | "assistant"; content: string | { type: string; text?: string }[] }[];
}

const numbers = { 1: "one", 2: "two", 3: "three" } as const;

const noun = ({ shape, count }: Group) =>
  count === 1 ? shape : shape === "cross" ? "crosses" : `${shape}s`;

/** Questions about a scene, with answers that are true. */
function turnsAbout({ caption, background, groups }: ScenePlan): [string, string][] {
  return [
    ["what is in this picture ?", caption],
    ["which colour is behind it ?", `it is ${background}`],
    ...groups.map((group): [string, string] => [
      `how many ${noun({ ...group, count: 2 })} are ${group.colour} ?`,
      `there ${group.count === 1 ? "is" : "are"} ${numbers[group.count]} ${group.colour} ${noun(group)}`,
    ]),
  ];
}

const shapesIn = ({ groups }: ScenePlan) => groups.reduce((sum, { count }) => sum + count, 0);

const image = { type: "image" };
const text = (words: string) => ({ type: "text", text: words });

type Scene = Awaited<ReturnType<typeof drawScene>>;

/** One picture with as many questions as `turns`; or two of them to compare; or a question about none. */
function rowAbout(scene: Scene, next: Scene, kind: number): QuestionRow {
  if (kind === 4) {
    const [first, second] = [shapesIn(scene.plan), shapesIn(next.plan)];
    const answer =
      first === second ? "both have as many" : `the ${first > second ? "first" : "second"} one`;
    return {
      images: [scene.image, next.image],
      messages: [
        { role: "user", content: [image, image, text("which picture has more shapes ?")] },
        { role: "assistant", content: answer },
      ],
    };
  }
  if (kind === 5) {
    return {
      images: [],
      messages: [
        { role: "user", content: "is a square a shape ?" },
        { role: "assistant", content: "it is a shape with four sides" },
      ],
    };
  }
  const turns = turnsAbout(scene.plan).slice(0, 1 + kind);
  return {
    images: [scene.image],
    messages: turns.flatMap(([asked, answer], at) => [
      { role: "user" as const, content: at === 0 ? [image, text(asked)] : asked },
      { role: "assistant" as const, content: answer },
    ]),
  };
}

/** Draws scenes into a folder, and writes `questions.jsonl` beside them; gives its path and its rows. */
export async function writeQuestions(
  folder: string,
  count: number,
): Promise<{ path: string; rows: QuestionRow[] }> {
  await mkdir(folder, { recursive: true });
  const scenes: Scene[] = [];
  for (let index = 0; index <= count; index += 1) scenes.push(await drawScene(folder, index));
  const rows = Array.from({ length: count }, (_, row) =>
    rowAbout(scenes[row] as Scene, scenes[row + 1] as Scene, row % 6),
  );
  const path = join(folder, "questions.jsonl");
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return { path, rows };
}

/** All words of rows, each once. */
export function wordsOf(rows: readonly QuestionRow[]): string[] {
  const texts = rows.flatMap(({ messages }) =>
    messages.flatMap(({ content }) =>
      typeof content === "string" ? content : content.map((part) => part.text ?? ""),
    ),
  );
  return [...new Set(texts.flatMap((one) => one.split(" ")).filter((word) => word !== ""))].sort();
}
