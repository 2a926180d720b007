/** What is being done, for whoever waits. */
export function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** One of those that take turns. */
export interface Turn {
  readonly name: string;
  /** It has failed and takes no more turns. */
  isOut?(): boolean;
  run(): Promise<void>;
}

/**
 * Everyone works once a round, one at a time, and another one goes first each round: nobody always follows
 * the same neighbour's heat.
 */
export async function takeTurns(turns: readonly Turn[], rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (let place = 0; place < turns.length; place += 1) {
      const turn = turns[(round + place) % turns.length] as Turn;
      if (turn.isOut?.()) continue;
      progress(`round ${round + 1} of ${rounds}: ${turn.name}`);
      await turn.run();
    }
  }
}
