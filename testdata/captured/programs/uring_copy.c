/* SPDX-License-Identifier: Apache-2.0
   Copies its first argument to its second; the first is opened through io_uring:
   gcc -o uring_copy uring_copy.c */

#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static char *map(int ring, size_t size, off_t offset) {
  return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, offset);
}

static int open_through_ring(const char *path) {
  struct io_uring_params params;
  memset(&params, 0, sizeof params);
  int ring = (int)syscall(SYS_io_uring_setup, 1, &params);
  char *submissions =
      map(ring, params.sq_off.array + params.sq_entries * sizeof(uint32_t), IORING_OFF_SQ_RING);
  char *completions =
      map(ring, params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe),
          IORING_OFF_CQ_RING);
  struct io_uring_sqe *entry = (struct io_uring_sqe *)map(ring, sizeof *entry, IORING_OFF_SQES);
  memset(entry, 0, sizeof *entry);
  entry->opcode = IORING_OP_OPENAT;
  entry->fd = AT_FDCWD;
  entry->addr = (uint64_t)(uintptr_t)path;
  entry->open_flags = O_RDONLY;
  *(uint32_t *)(submissions + params.sq_off.array) = 0;
  __atomic_store_n((uint32_t *)(submissions + params.sq_off.tail), 1, __ATOMIC_RELEASE);
  syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0);
  return ((struct io_uring_cqe *)(completions + params.cq_off.cqes))->res;
}

int main(int argc, char **argv) {
  static char buffer[65536];
  if (argc != 3)
    return 2;
  int in = open_through_ring(argv[1]);
  int out = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ssize_t length = read(in, buffer, sizeof buffer);
  return length > 0 && write(out, buffer, (size_t)length) == length ? 0 : 1;
}
