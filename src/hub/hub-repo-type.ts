/** What a repository of the hub holds. */
export type HubRepoType = "model" | "dataset";
