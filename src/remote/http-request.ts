import { type IncomingMessage, request as requestByHttp } from "node:http";
import { request as requestByHttps } from "node:https";
import { refused, unreachable } from "./remote-errors.js";
import { shownUrl } from "./remote-location.js";

/** What is asked of a web server. */
export interface HttpQuestion {
  readonly method: "GET" | "HEAD";
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

const MOST_REDIRECTS = 10;
const REDIRECTS = [301, 302, 303, 307, 308];

/** One answer, by Node's own agent, which knows of proxies; its connection ends where nothing comes for too long, and keeps no process alive. */
function answer(
  url: URL,
  { method, headers, timeoutSeconds, signal }: HttpQuestion,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const isSecure = url.protocol === "https:";
    const request = (isSecure ? requestByHttps : requestByHttp)(url, {
      method,
      // a file is read as it is
      headers: { "Accept-Encoding": "identity", "User-Agent": "pixtok", ...headers },
      timeout: 1000 * timeoutSeconds,
      signal,
    });
    request.on("socket", (socket) => socket.unref());
    let response: IncomingMessage | undefined;
    request.on("timeout", () => {
      (response ?? request).destroy(new Error(`nothing came for ${timeoutSeconds} seconds`));
    });
    request.on("response", (come) => {
      response = come;
      resolve(come);
    });
    request.on("error", reject);
    // of an answer that is none to a question, as one that changes the protocol, nothing else is said
    request.on("close", () => reject(new Error("the server ended the connection")));
    request.end();
  });
}

/**
 * The answer of a web server, whatever its status, after redirects. What authorizes is not sent to another
 * server than the one that was named.
 *
 * @throws {PixtokError} REMOTE_UNREACHABLE; REMOTE_REFUSED for redirects without end.
 */
export async function httpRequest(url: URL, question: HttpQuestion): Promise<IncomingMessage> {
  const source = shownUrl(url.href);
  let at = url;
  let headers = question.headers;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const response = await answer(at, { ...question, headers }).catch((cause) => {
      question.signal.throwIfAborted();
      throw unreachable(source, cause);
    });
    const { statusCode = 0, headers: said } = response;
    if (!REDIRECTS.includes(statusCode) || said.location === undefined) return response;
    response.destroy();
    const next = URL.canParse(said.location, at.href) ? new URL(said.location, at.href) : undefined;
    const isSafe = next?.protocol === at.protocol || next?.protocol === "https:";
    if (next === undefined || !isSafe) {
      throw refused(source, "the server redirects to where it cannot be followed");
    }
    if (next.origin !== at.origin) {
      headers = Object.fromEntries(
        Object.entries(headers).filter(([name]) => name.toLowerCase() !== "authorization"),
      );
    } else if (next.username === "" && next.password === "") {
      next.username = at.username;
      next.password = at.password;
    }
    at = next;
  }
  throw refused(source, `the server redirects more than ${MOST_REDIRECTS} times`);
}
