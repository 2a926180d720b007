// A file system that shows a folder as it is, for reading alone, each read MILLISECONDS late: also those
// for pages of mapped files, which no library that is preloaded sees. slow-mount FOLDER MILLISECONDS MOUNT
#define FUSE_USE_VERSION 35
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char* folder;
static long milliseconds;

static void in_folder(char path[4096], const char* name) {
  snprintf(path, 4096, "%s%s", folder, name);
}

static int get_attributes(const char* name, struct stat* found, struct fuse_file_info* info) {
  (void)info;
  char path[4096];
  in_folder(path, name);
  return stat(path, found) == 0 ? 0 : -errno;
}

static int list(const char* name, void* buffer, fuse_fill_dir_t fill, off_t offset,
                struct fuse_file_info* info, enum fuse_readdir_flags flags) {
  (void)offset, (void)info, (void)flags;
  char path[4096];
  in_folder(path, name);
  DIR* opened = opendir(path);
  if (opened == NULL) return -errno;
  for (struct dirent* entry = readdir(opened); entry != NULL; entry = readdir(opened)) {
    fill(buffer, entry->d_name, NULL, 0, 0);
  }
  closedir(opened);
  return 0;
}

static int open_file(const char* name, struct fuse_file_info* info) {
  char path[4096];
  in_folder(path, name);
  const int file = open(path, O_RDONLY);
  if (file < 0) return -errno;
  info->fh = (uint64_t)file;
  info->keep_cache = 1;
  return 0;
}

// The file's pages are given as they are, so that the server takes little of the processors.
static int read_late(const char* name, struct fuse_bufvec** from, size_t bytes, off_t offset,
                     struct fuse_file_info* info) {
  (void)name;
  const struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  if (milliseconds > 0) nanosleep(&time, NULL);
  struct fuse_bufvec* vector = malloc(sizeof *vector);
  if (vector == NULL) return -ENOMEM;
  *vector = FUSE_BUFVEC_INIT(bytes);
  vector->buf[0].flags = FUSE_BUF_IS_FD | FUSE_BUF_FD_SEEK;
  vector->buf[0].fd = (int)info->fh;
  vector->buf[0].pos = offset;
  *from = vector;
  return 0;
}

static int close_file(const char* name, struct fuse_file_info* info) {
  (void)name;
  return close((int)info->fh);
}

// As many reads at once as network file systems have.
static void* begin(struct fuse_conn_info* connection, struct fuse_config* config) {
  connection->max_background = connection->congestion_threshold = 2048;
  connection->want |= connection->capable & (FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE);
  config->kernel_cache = 1;
  return NULL;
}

int main(int count, char** given) {
  if (count != 4) return 2;
  folder = given[1];
  milliseconds = atol(given[2]);
  const struct fuse_operations operations = {
      .getattr = get_attributes,
      .readdir = list,
      .open = open_file,
      .read_buf = read_late,
      .release = close_file,
      .init = begin,
  };
  char threads[] = "max_threads=1000,max_idle_threads=1000,ro";
  char* arguments[] = {given[0], given[3], "-f", "-o", threads, NULL};
  return fuse_main(5, arguments, &operations, NULL);
}
