/* Loaded before the C library of a process under test (LD_PRELOAD): makes one of its calls on files
 * below a folder fail, and tells what the process took of memory and time. Linux only.
 *
 * HOLD_BELOW   the folder (absolute); relative paths count as below it
 * HOLD_AT      which call fails, counted from 1; none when it is absent
 * HOLD_CALL    when set: only calls of this name are counted
 * HOLD_ERRNO   with which error
 * HOLD_ON      when set: every later call that takes room on the disk fails too, as on a full one
 * HOLD_CPU     seconds of processor time after which the process is killed
 * HOLD_REPORT  where to write, one line each: `failed CALL PATH`, `calls N`, `peak KILOBYTES`
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long calls;
static long at = -1;
static int number, on, ready, broken;
static const char *below, *report, *only;
static size_t length;

static int (*next_open)(const char *, int, ...);

static void say(const char *text) {
    int out = next_open(report, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (out < 0) return;
    ssize_t (*out_write)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    if (out_write(out, text, strlen(text)) < 0) abort();
    close(out);
}

__attribute__((constructor)) static void begin(void) {
    next_open = dlsym(RTLD_NEXT, "open");
    below = getenv("HOLD_BELOW");
    report = getenv("HOLD_REPORT");
    length = below ? strlen(below) : 0;
    const char *text = getenv("HOLD_AT");
    at = text ? atol(text) : -1;
    only = getenv("HOLD_CALL");
    text = getenv("HOLD_ERRNO");
    number = text ? atoi(text) : EIO;
    on = getenv("HOLD_ON") != NULL;
    text = getenv("HOLD_CPU");
    if (text) {
        struct rlimit most = {(rlim_t)atol(text), (rlim_t)atol(text) + 1};
        setrlimit(RLIMIT_CPU, &most);
    }
    ready = below && report;
}

__attribute__((destructor)) static void end(void) {
    if (!ready) return;
    char line[256];
    snprintf(line, sizeof line, "calls %ld\n", (long)calls);
    say(line);
    FILE *status = fopen("/proc/self/status", "re");
    while (status && fgets(line, sizeof line, status)) {
        long kilobytes;
        char told[64];
        if (sscanf(line, "VmHWM: %ld", &kilobytes) == 1) {
            snprintf(told, sizeof told, "peak %ld\n", kilobytes);
            say(told);
        }
    }
    if (status) fclose(status);
}

/* Whether this call is the one that fails. `room`: whether it takes room on the disk. */
static int fails(const char *call, const char *path, int room) {
    if (!ready || !path || (path[0] == '/' && strncmp(path, below, length) != 0)) return 0;
    long n = only && strcmp(call, only) ? 0 : atomic_fetch_add(&calls, 1) + 1;
    if (n == at) broken = 1;
    else if (!(on && room && broken)) return 0;
    char line[5000];
    snprintf(line, sizeof line, "failed %s %s\n", call, path);
    say(line);
    errno = number;
    return 1;
}

static int fails_at(const char *call, int folder, const char *path, int room) {
    char whole[4200], link[64];
    if (folder == AT_FDCWD || path[0] == '/') return fails(call, path, room);
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    ssize_t read = readlink(link, whole, 4000);
    if (read < 0) return 0;
    snprintf(whole + read, sizeof whole - read, "/%s", path);
    return fails(call, whole, room);
}

static int fails_on(const char *call, int file, int room) {
    char path[4200], link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t read = ready ? readlink(link, path, 4000) : -1;
    if (read < 0) return 0;
    path[read] = 0;
    /* Pipes and sockets have names without a slash. */
    return path[0] == '/' && fails(call, path, room);
}

#define NEXT(name) ({ static __typeof__(&name) next; if (!next) next = dlsym(RTLD_NEXT, #name); next; })
#define MODE(flags) ({ mode_t mode = 0; if ((flags) & (O_CREAT | O_TMPFILE)) { \
    va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); } mode; })
#define MAKES(flags) (((flags) & O_CREAT) != 0)

int open(const char *path, int flags, ...) {
    mode_t mode = MODE(flags);
    return fails("open", path, MAKES(flags)) ? -1 : NEXT(open)(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
    mode_t mode = MODE(flags);
    return fails("open", path, MAKES(flags)) ? -1 : NEXT(open64)(path, flags, mode);
}
int openat(int folder, const char *path, int flags, ...) {
    mode_t mode = MODE(flags);
    return fails_at("open", folder, path, MAKES(flags)) ? -1 : NEXT(openat)(folder, path, flags, mode);
}
int openat64(int folder, const char *path, int flags, ...) {
    mode_t mode = MODE(flags);
    return fails_at("open", folder, path, MAKES(flags)) ? -1 : NEXT(openat64)(folder, path, flags, mode);
}
ssize_t read(int file, void *to, size_t size) {
    return fails_on("read", file, 0) ? -1 : NEXT(read)(file, to, size);
}
ssize_t pread64(int file, void *to, size_t size, off64_t from) {
    return fails_on("read", file, 0) ? -1 : NEXT(pread64)(file, to, size, from);
}
ssize_t write(int file, const void *from, size_t size) {
    return fails_on("write", file, 1) ? -1 : NEXT(write)(file, from, size);
}
ssize_t writev(int file, const struct iovec *from, int count) {
    return fails_on("write", file, 1) ? -1 : NEXT(writev)(file, from, count);
}
ssize_t pwrite64(int file, const void *from, size_t size, off64_t to) {
    return fails_on("write", file, 1) ? -1 : NEXT(pwrite64)(file, from, size, to);
}
ssize_t copy_file_range(int from, off64_t *a, int to, off64_t *b, size_t size, unsigned flags) {
    return fails_on("write", to, 1) ? -1 : NEXT(copy_file_range)(from, a, to, b, size, flags);
}
int fsync(int file) { return fails_on("sync", file, 1) ? -1 : NEXT(fsync)(file); }
int fdatasync(int file) { return fails_on("sync", file, 1) ? -1 : NEXT(fdatasync)(file); }
int ftruncate64(int file, off64_t size) {
    return fails_on("truncate", file, 1) ? -1 : NEXT(ftruncate64)(file, size);
}
int fchmod(int file, mode_t mode) { return fails_on("chmod", file, 0) ? -1 : NEXT(fchmod)(file, mode); }
int flock(int file, int how) { return fails_on("lock", file, 0) ? -1 : NEXT(flock)(file, how); }
int rename(const char *from, const char *to) {
    return fails("rename", to, 1) ? -1 : NEXT(rename)(from, to);
}
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) {
    const char *call = flags & RENAME_EXCHANGE ? "exchange" : "rename";
    return fails_at(call, b, to, 1) ? -1 : NEXT(renameat2)(a, from, b, to, flags);
}
int linkat(int a, const char *from, int b, const char *to, int flags) {
    return fails_at("link", b, to, 1) ? -1 : NEXT(linkat)(a, from, b, to, flags);
}
int link(const char *from, const char *to) { return fails("link", to, 1) ? -1 : NEXT(link)(from, to); }
int mkdir(const char *path, mode_t mode) { return fails("mkdir", path, 1) ? -1 : NEXT(mkdir)(path, mode); }
int unlink(const char *path) { return fails("unlink", path, 0) ? -1 : NEXT(unlink)(path); }
int unlinkat(int folder, const char *path, int flags) {
    return fails_at("unlink", folder, path, 0) ? -1 : NEXT(unlinkat)(folder, path, flags);
}
int rmdir(const char *path) { return fails("rmdir", path, 0) ? -1 : NEXT(rmdir)(path); }
