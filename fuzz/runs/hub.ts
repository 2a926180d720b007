import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Tokenizer } from "pixtok";
import type { CaseRequest, Outcome } from "../outcome.js";

/** The answers of a case, by what is asked for. */
export interface HubAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

const questions: readonly [RegExp, string][] = [
  [/\/revision\//, "revision"],
  [/\/paths-info\//, "paths-info"],
  [/tokenizer\.json$/, "tokenizer.json"],
  [/tokenizer_config\.json$/, "tokenizer_config.json"],
];

let folder = "";

/** A hub whose answers are the files of the case. */
const server = createServer((request, response) => {
  request.resume();
  const found = questions.find(([pattern]) => pattern.test(request.url ?? ""));
  try {
    const body = readFileSync(join(folder, `${found?.[1]}.body`));
    const { status, headers } = JSON.parse(
      readFileSync(join(folder, `${found?.[1]}.head`), "utf8"),
    ) as HubAnswer;
    response.writeHead(status, headers).end(body);
  } catch {
    response.statusMessage = "Not Found"; // a damaged head may have made it something else
    response.writeHead(404).end(); // also where the head is damaged so that nothing can be sent
  }
});
const listening = new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
server.unref();

export async function runHub(request: CaseRequest): Promise<Outcome> {
  await listening;
  folder = request.folder;
  const home = mkdtempSync(join(tmpdir(), "pixtok-fuzz-hub-"));
  process.env.HF_HOME = home;
  process.env.HF_ENDPOINT = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await Tokenizer.fromPretrained("org/model");
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  return { kind: "read", rows: [] };
}
