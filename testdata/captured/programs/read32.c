/* SPDX-License-Identifier: Apache-2.0
   Copies its first argument to its second as a 32-bit process, without a C library:
   gcc -m32 -nostdlib -static -o read32 read32.c */

static int call(int number, int a, int b, int c) {
  int result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
  return result;
}

enum { sys_exit = 1, sys_read = 3, sys_write = 4, sys_open = 5 };
enum { write_create_truncate = 01 | 0100 | 01000 };

__attribute__((used)) static void copy(int *stack) {
  static char buffer[4096];
  char **argv = (char **)(stack + 1);
  int in = call(sys_open, (int)argv[1], 0, 0);
  int out = call(sys_open, (int)argv[2], write_create_truncate, 0600);
  int length = call(sys_read, in, (int)buffer, sizeof buffer);
  call(sys_write, out, (int)buffer, length);
  call(sys_exit, 0, 0, 0);
}

__asm__(".globl _start\n_start:\n  mov %esp, %eax\n  push %eax\n  call copy\n");
