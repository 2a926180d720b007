/** Writes RESULTS.md and its plots anew from bench/results/*.json. */
import { writeResultsPage } from "./results-page.js";

await writeResultsPage();
