const noLinks = new Set(["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EINVAL"]);

/** Whether a link could not be made as the file system has no hard links. */
export function lacksHardLinks(cause: unknown): boolean {
  return noLinks.has((cause as NodeJS.ErrnoException).code ?? "");
}
