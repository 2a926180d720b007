import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { TokenNumbers } from "./encode-texts.js";

type Question =
  | { kind: "load"; json: string }
  | {
      kind: "encode";
      texts: readonly string[];
      pairs: readonly string[] | undefined;
      addSpecialTokens: boolean;
    }
  | { kind: "decode"; ids: number[]; skipSpecialTokens: boolean };

export type IsolatedRequest = Question & { number: number };

export interface IsolatedAnswer {
  number: number;
  value?: TokenNumbers[] | string | undefined;
  error?: string;
}

/** A tokenizer in a process of its own, which may end without this one. */
export interface IsolatedTokenizer {
  encode(
    texts: readonly string[],
    pairs: readonly string[] | undefined,
    addSpecialTokens: boolean,
  ): Promise<TokenNumbers[]>;
  decode(ids: number[], skipSpecialTokens: boolean): Promise<string>;
}

/** Time for one call: megabytes of text take a second, and what a hostile tokenizer does takes for ever. */
const MOST_SECONDS = 60;

interface Waiting {
  resolve(value: IsolatedAnswer["value"]): void;
  reject(error: Error): void;
}

/** A process that answers questions until it ends. */
interface Answering {
  ask(question: Question): Promise<IsolatedAnswer["value"]>;
  readonly ended: boolean;
}

function startProcess(): Answering {
  const child: ChildProcess = fork(
    fileURLToPath(new URL("./tokenizer-process.js", import.meta.url)),
    {
      execArgv: [],
      // what a library says at its end is said by the error
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    },
  );
  const waiting = new Map<number, Waiting>();
  let number = 0;
  let ended = false;
  // who waits for an answer keeps this process alive; one that is only there does not
  const setAlive = () => {
    if (waiting.size > 0) {
      child.ref();
      child.channel?.ref();
    } else {
      child.unref();
      child.channel?.unref();
    }
  };
  const fail = (message: string) => {
    ended = true;
    for (const { reject } of waiting.values()) reject(new Error(message));
    waiting.clear();
    setAlive();
  };
  child.on("message", (message) => {
    const { number: of, value, error } = message as IsolatedAnswer;
    const found = waiting.get(of);
    waiting.delete(of);
    setAlive();
    if (error === undefined) found?.resolve(value);
    else found?.reject(new Error(error));
  });
  child.on("error", ({ message }) => fail(message));
  child.on("exit", () => fail("the tokenizers library ended the process that it was tried in"));
  return {
    get ended() {
      return ended;
    },
    async ask(question) {
      number += 1;
      const own = number;
      let timer: NodeJS.Timeout | undefined;
      try {
        return await new Promise((resolve, reject) => {
          waiting.set(own, { resolve, reject });
          setAlive();
          timer = setTimeout(() => {
            fail(`it took longer than ${MOST_SECONDS} seconds`);
            child.kill("SIGKILL");
          }, MOST_SECONDS * 1000);
          child.send({ ...question, number: own }, (error) => error && fail(error.message));
        });
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/**
 * Loads a `tokenizer.json` in a process of its own, which is started again where it has ended.
 *
 * @throws {Error} where it cannot be loaded, or where that ends the process.
 */
export async function isolateTokenizer(json: string): Promise<IsolatedTokenizer> {
  const load = async (): Promise<Answering> => {
    const started = startProcess();
    await started.ask({ kind: "load", json });
    return started;
  };
  let running = load();
  await running;
  const ask = async (question: Question) => {
    if ((await running.catch(() => undefined))?.ended !== false) running = load();
    return (await running).ask(question);
  };
  return {
    async encode(texts, pairs, addSpecialTokens) {
      return (await ask({ kind: "encode", texts, pairs, addSpecialTokens })) as TokenNumbers[];
    },
    async decode(ids, skipSpecialTokens) {
      return (await ask({ kind: "decode", ids, skipSpecialTokens })) as string;
    },
  };
}
