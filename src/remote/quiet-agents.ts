import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";

function unref(stream: Duplex | null | undefined): void {
  if (stream instanceof Socket) stream.unref();
}

function quiet<A extends HttpAgent>(agent: A): A {
  const connect = agent.createConnection.bind(agent);
  const reuse = agent.reuseSocket.bind(agent);
  agent.createConnection = (...given) => {
    const made = connect(...given);
    unref(made);
    return made;
  };
  agent.reuseSocket = (socket, request) => {
    reuse(socket, request);
    unref(socket);
  };
  return agent;
}

/** Agents whose connections keep no process alive, for a client that makes its requests by itself. */
export function quietAgents(): { httpAgent: HttpAgent; httpsAgent: HttpsAgent } {
  const options = { keepAlive: true };
  return { httpAgent: quiet(new HttpAgent(options)), httpsAgent: quiet(new HttpsAgent(options)) };
}
