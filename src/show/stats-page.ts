import type { DatasetStats } from "../analysis/dataset-stats.js";
import { requireResult } from "../shared/validation.js";
import { html } from "./markup.js";
import { page } from "./page.js";
import { errorList, statistics } from "./statistics.js";

/**
 * What computeStats() found as a page of HTML that needs nothing else: mean and standard deviation,
 * histograms of the channels' values and of the texts' lengths, the configuration that fits, and errors.
 */
export function statsPage(stats: DatasetStats): string {
  requireResult("stats", stats, "what computeStats() found", ["errors", "channelHistograms"]);
  const title = "Dataset statistics";
  const hasErrors = stats.errors.count > 0;
  return page({
    title,
    body: html`<div class="single">
<header><h1>${title}</h1></header>
<main>
${statistics(stats)}
${hasErrors && html`<h2>Errors</h2>${errorList(stats.errors)}`}
</main>
</div>`,
  });
}
