import { publicText } from "../reporting/public-text.js";

/** How a program ends that this machine lacks something for: EX_UNAVAILABLE. */
const EXIT_UNAVAILABLE = 69;

/** Why there is no measurement of a program. */
export interface ProgramFailure {
  readonly status: "unavailable" | "failed";
  readonly reason: string;
}

export function programFailure(error: unknown): ProgramFailure {
  const failure: { message?: string; stderr?: string; code?: number | string } =
    error instanceof Error ? error : { message: String(error) };
  const lastLine = failure.stderr?.trim().split("\n").at(-1);
  return {
    status: failure.code === EXIT_UNAVAILABLE ? "unavailable" : "failed",
    reason: publicText(lastLine || failure.message || "no reason given"),
  };
}
