/* Stands between a program and the C library (LD_PRELOAD) and sees every change that it makes to files under one
 * folder. Two uses, by environment:
 *   TORTURE_ROOT   the folder; nothing else is looked at
 *   TORTURE_LOG    record: each write, truncation, sync, name change, in the order in which they were made
 *   TORTURE_FULL   the disk is full from the n-th change on that would take room; giving the reserve back makes room
 *   TORTURE_NOSYNC names containing this are synced in vain: the sync returns well and is not recorded
 *   TORTURE_LATE   the log of a database named so is synced where SQLite with synchronous=NORMAL syncs it: just after it
 *                  begins anew and just before the database beside it is written, and not at a commit
 * A write to a file whose name ends in ".mark" is recorded as a mark: what the program promised, and when. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define FDS_MAX 4096
#define NAME_MAX_ 512

enum { OPEN = 1, WRITE, SYNC, CUT, RENAME, UNLINK, MKDIR, MARK };
enum { NONE = 0, FILE_ = 1, DIR_ = 2, MARKS = 3 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char root[NAME_MAX_];
static size_t root_len;
static const char *nosync, *late;
static char waits[NAME_MAX_]; /* a log whose sync was put off */
static int anew = 0;          /* its first bytes were written last */
static int log_fd = -1;
static long full_at = -1, changes = 0, room = 0;
static struct { unsigned char kind; char path[NAME_MAX_]; } fds[FDS_MAX];
static int ready = 0, counting = 0;

#define REAL(name, type, ...) static type (*real)(__VA_ARGS__); if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

static void begin(void) {
    if (ready) return;
    ready = 1;
    const char *r = getenv("TORTURE_ROOT");
    if (!r) return;
    snprintf(root, sizeof root, "%s", r);
    root_len = strlen(root);
    nosync = getenv("TORTURE_NOSYNC");
    late = getenv("TORTURE_LATE");
    const char *l = getenv("TORTURE_LOG");
    if (l) log_fd = (int)syscall(SYS_openat, AT_FDCWD, l, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const char *f = getenv("TORTURE_FULL");
    if (f) full_at = atol(f);
}

__attribute__((constructor)) static void start(void) { begin(); }

/* Shared memory of the WAL index is rebuilt at the next opening and never survives; locks are no content. */
static int ours(const char *path) {
    begin();
    if (!root_len || strncmp(path, root, root_len) != 0) return 0;
    if (path[root_len] != '/' && path[root_len] != 0) return 0;
    size_t n = strlen(path);
    return !(n > 4 && strcmp(path + n - 4, "-shm") == 0) && n < NAME_MAX_;
}

static int is_mark(const char *path) {
    size_t n = strlen(path);
    return n > 5 && strcmp(path + n - 5, ".mark") == 0;
}

static ssize_t raw_write(int fd, const void *p, size_t n) { return syscall(SYS_write, fd, p, n); }

/* kind, two names, two numbers, content: one write with O_APPEND, so records never mix. Called with the lock held. */
static void record(unsigned char op, const char *a, const char *b, uint64_t x, const void *data, uint32_t len) {
    if (log_fd < 0) return;
    static unsigned char buffer[64 * 1024];
    uint16_t an = (uint16_t)strlen(a), bn = (uint16_t)strlen(b);
    size_t head = 1 + 2 + an + 2 + bn + 8 + 4;
    unsigned char *out = buffer, *big = NULL;
    if (head + len > sizeof buffer) { big = malloc(head + len); if (!big) return; out = big; }
    unsigned char *p = out;
    *p++ = op;
    memcpy(p, &an, 2); p += 2; memcpy(p, a, an); p += an;
    memcpy(p, &bn, 2); p += 2; memcpy(p, b, bn); p += bn;
    memcpy(p, &x, 8); p += 8; memcpy(p, &len, 4); p += 4;
    if (len) memcpy(p, data, len);
    if (raw_write(log_fd, out, head + len) < 0) { /* nothing better to do */ }
    free(big);
}

static int is_late(const char *path) {
    size_t n = strlen(path);
    return late && strstr(path + root_len, late) && n > 4 && strcmp(path + n - 4, "-wal") == 0;
}

/* What was written. A log that waits for its sync has it before its database is touched. Called with the lock held. */
static void written(const char *path, off_t at, const void *data, ssize_t len) {
    size_t n = strlen(waits);
    if (n && strlen(path) == n - 4 && strncmp(path, waits, n - 4) == 0) {
        record(SYNC, waits, "", 0, "", 0);
        waits[0] = 0;
    }
    if (is_late(path)) anew = at == 0;
    record(WRITE, path, "", (uint64_t)at, data, (uint32_t)len);
}

/* Is there room for a change that needs `grow` more bytes? Called with the lock held. */
static int no_room(off_t grow) {
    if (full_at < 0 || grow <= 0 || !counting) return 0;
    if (changes++ < full_at) return 0;
    if (room >= grow) { room -= grow; return 0; }
    errno = ENOSPC;
    return 1;
}

static int opened(int fd, const char *path, int flags, int existed, off_t was) {
    if (fd < 0 || fd >= FDS_MAX) return fd;
    int saved = errno;
    struct stat st;
    pthread_mutex_lock(&lock);
    fds[fd].kind = NONE;
    if (ours(path) && fstat(fd, &st) == 0) {
        snprintf(fds[fd].path, NAME_MAX_, "%s", path);
        if (S_ISDIR(st.st_mode)) fds[fd].kind = DIR_;
        else if (is_mark(path)) fds[fd].kind = MARKS;
        else if (S_ISREG(st.st_mode)) {
            fds[fd].kind = FILE_;
            if (!existed) record(OPEN, path, "", 0, "", 0);
            else if (flags & O_TRUNC) record(CUT, path, "", 0, "", 0);
            size_t n = strlen(path);
            if ((flags & O_TRUNC) && n > 8 && strcmp(path + n - 8, "/reserve") == 0) room += was;
        }
    }
    pthread_mutex_unlock(&lock);
    errno = saved;
    return fd;
}

static int may_open(const char *path, int flags, int *existed, off_t *was) {
    struct stat st;
    *existed = ours(path) && stat(path, &st) == 0;
    *was = *existed ? st.st_size : 0;
    if (!*existed && (flags & O_CREAT) && ours(path) && !is_mark(path)) {
        pthread_mutex_lock(&lock);
        int full = no_room(1);
        pthread_mutex_unlock(&lock);
        return !full;
    }
    return 1;
}

#define OPEN_BODY(name, call)                                            \
    mode_t mode = 0;                                                     \
    if (flags & (O_CREAT | O_TMPFILE)) { va_list ap; va_start(ap, flags); mode = (mode_t)va_arg(ap, int); va_end(ap); } \
    int existed; off_t was;                                              \
    if (!may_open(path, flags, &existed, &was)) { errno = ENOSPC; return -1; } \
    return opened(call, path, flags, existed, was);

int open(const char *path, int flags, ...) { REAL(open, int, const char *, int, ...); OPEN_BODY(open, real(path, flags, mode)) }
int open64(const char *path, int flags, ...) { REAL(open64, int, const char *, int, ...); OPEN_BODY(open64, real(path, flags, mode)) }
int openat(int dir, const char *path, int flags, ...) { REAL(openat, int, int, const char *, int, ...); OPEN_BODY(openat, real(dir, path, flags, mode)) }
int openat64(int dir, const char *path, int flags, ...) { REAL(openat64, int, int, const char *, int, ...); OPEN_BODY(openat64, real(dir, path, flags, mode)) }

int close(int fd) {
    REAL(close, int, int);
    if (fd >= 0 && fd < FDS_MAX) { pthread_mutex_lock(&lock); fds[fd].kind = NONE; pthread_mutex_unlock(&lock); }
    return real(fd);
}

static int kind_of(int fd) { return fd >= 0 && fd < FDS_MAX ? fds[fd].kind : NONE; }

static off_t growth(int fd, off_t end) {
    struct stat st;
    return fstat(fd, &st) == 0 && end > st.st_size ? end - st.st_size : 0;
}

ssize_t write(int fd, const void *data, size_t n) {
    REAL(write, ssize_t, int, const void *, size_t);
    int kind = kind_of(fd);
    if (kind == NONE || kind == DIR_) return real(fd, data, n);
    pthread_mutex_lock(&lock);
    ssize_t done;
    if (kind == MARKS) {
        record(MARK, fds[fd].path, "", 0, data, (uint32_t)n);
        counting = 1; /* before the first promise the folder is being set up */
        done = real(fd, data, n);
    } else {
        off_t at = (fcntl(fd, F_GETFL) & O_APPEND) ? lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR);
        if (no_room(growth(fd, at + (off_t)n))) { pthread_mutex_unlock(&lock); errno = ENOSPC; return -1; }
        done = real(fd, data, n);
        if (done > 0) written(fds[fd].path, at, data, done);
    }
    int saved = errno;
    pthread_mutex_unlock(&lock);
    errno = saved;
    return done;
}

static ssize_t positioned(int fd, const void *data, size_t n, off_t at, ssize_t (*real)(int, const void *, size_t, off_t)) {
    if (kind_of(fd) != FILE_) return real(fd, data, n, at);
    pthread_mutex_lock(&lock);
    if (no_room(growth(fd, at + (off_t)n))) { pthread_mutex_unlock(&lock); errno = ENOSPC; return -1; }
    ssize_t done = real(fd, data, n, at);
    int saved = errno;
    if (done > 0) written(fds[fd].path, at, data, done);
    pthread_mutex_unlock(&lock);
    errno = saved;
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t at) { REAL(pwrite, ssize_t, int, const void *, size_t, off_t); return positioned(fd, data, n, at, real); }
ssize_t pwrite64(int fd, const void *data, size_t n, off_t at) { REAL(pwrite64, ssize_t, int, const void *, size_t, off_t); return positioned(fd, data, n, at, real); }

ssize_t writev(int fd, const struct iovec *v, int count) {
    REAL(writev, ssize_t, int, const struct iovec *, int);
    if (kind_of(fd) == NONE) return real(fd, v, count);
    ssize_t all = 0;
    for (int i = 0; i < count; i++) {
        if (!v[i].iov_len) continue;
        ssize_t done = write(fd, v[i].iov_base, v[i].iov_len);
        if (done < 0) return all ? all : -1;
        all += done;
        if ((size_t)done < v[i].iov_len) break;
    }
    return all;
}

static int cut(int fd, off_t to, int (*real)(int, off_t)) {
    if (kind_of(fd) != FILE_) return real(fd, to);
    pthread_mutex_lock(&lock);
    struct stat st;
    off_t was = fstat(fd, &st) == 0 ? st.st_size : 0;
    if (no_room(to - was)) { pthread_mutex_unlock(&lock); errno = ENOSPC; return -1; }
    int done = real(fd, to);
    int saved = errno;
    if (done == 0) record(CUT, fds[fd].path, "", (uint64_t)to, "", 0);
    pthread_mutex_unlock(&lock);
    errno = saved;
    return done;
}

int ftruncate(int fd, off_t to) { REAL(ftruncate, int, int, off_t); return cut(fd, to, real); }
int ftruncate64(int fd, off_t to) { REAL(ftruncate64, int, int, off_t); return cut(fd, to, real); }

static int sync_(int fd, int (*real)(int)) {
    int kind = kind_of(fd);
    if (kind != FILE_ && kind != DIR_) return real(fd);
    pthread_mutex_lock(&lock);
    int vain = nosync && strstr(fds[fd].path + root_len, nosync) != NULL;
    if (!vain && is_late(fds[fd].path) && !anew) {
        vain = 1;
        snprintf(waits, NAME_MAX_, "%s", fds[fd].path);
    }
    if (!vain) record(SYNC, fds[fd].path, "", kind == DIR_, "", 0);
    pthread_mutex_unlock(&lock);
    /* The record is what counts; the real disk is spared where states are made from the record. */
    return log_fd >= 0 ? 0 : real(fd);
}

int fsync(int fd) { REAL(fsync, int, int); return sync_(fd, real); }
int fdatasync(int fd) { REAL(fdatasync, int, int); return sync_(fd, real); }

static int renamed(int done, const char *from, const char *to) {
    int saved = errno;
    if (done == 0 && ours(from)) {
        pthread_mutex_lock(&lock);
        record(RENAME, from, to, 0, "", 0);
        for (int i = 0; i < FDS_MAX; i++)
            if (fds[i].kind == FILE_ && strcmp(fds[i].path, from) == 0) snprintf(fds[i].path, NAME_MAX_, "%s", to);
        pthread_mutex_unlock(&lock);
    }
    errno = saved;
    return done;
}

int rename(const char *from, const char *to) { REAL(rename, int, const char *, const char *); return renamed(real(from, to), from, to); }
int renameat(int a, const char *from, int b, const char *to) { REAL(renameat, int, int, const char *, int, const char *); return renamed(real(a, from, b, to), from, to); }

static int unlinked(int done, const char *path) {
    int saved = errno;
    if (done == 0 && ours(path)) { pthread_mutex_lock(&lock); record(UNLINK, path, "", 0, "", 0); pthread_mutex_unlock(&lock); }
    errno = saved;
    return done;
}

int unlink(const char *path) { REAL(unlink, int, const char *); return unlinked(real(path), path); }
int unlinkat(int dir, const char *path, int flags) { REAL(unlinkat, int, int, const char *, int); return unlinked(real(dir, path, flags), path); }

int mkdir(const char *path, mode_t mode) {
    REAL(mkdir, int, const char *, mode_t);
    int done = real(path, mode), saved = errno;
    if (done == 0 && ours(path)) { pthread_mutex_lock(&lock); record(MKDIR, path, "", 0, "", 0); pthread_mutex_unlock(&lock); }
    errno = saved;
    return done;
}
