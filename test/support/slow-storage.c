// Preloaded into a process: each read at an offset takes MILLISECONDS longer, of files whose path has
// SLOW_STORAGE in it. As network file systems do it, any number of reads wait at the same time.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef ssize_t (*Read)(int, void*, size_t, off_t);

static int is_slow(int file) {
  char link[64];
  char path[4096];
  const char* part = getenv("SLOW_STORAGE");
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (part == NULL || length < 0) return 0;
  path[length] = 0;
  return strstr(path, part) != NULL;
}

static ssize_t read_late(const char* name, int file, void* to, size_t bytes, off_t offset) {
  const long milliseconds = atol(getenv("MILLISECONDS") ? getenv("MILLISECONDS") : "0");
  if (milliseconds > 0 && is_slow(file)) {
    const struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    nanosleep(&time, NULL);
  }
  return ((Read)dlsym(RTLD_NEXT, name))(file, to, bytes, offset);
}

ssize_t pread(int file, void* to, size_t bytes, off_t offset) {
  return read_late("pread", file, to, bytes, offset);
}

ssize_t pread64(int file, void* to, size_t bytes, off_t offset) {
  return read_late("pread64", file, to, bytes, offset);
}
