/*
 * A disk that loses what was not synced, as a library to be preloaded.
 *
 * For every file in the directory POWER_DATA, the directory POWER_SYNCED has what a power cut would leave of it in the worst
 * case: its bytes as of its last fsync or fdatasync. A file's name is there only once its directory was synced after the file
 * had been made: the list of names is POWER_SYNCED/.names. The files themselves are written as ever, so that the process
 * notices nothing; after a kill -9, whoever plays the power cut puts the synced copies in their place.
 *
 * POWER_SLOW_US makes each sync take so much longer, and with that the moments longer in which something is unsynced.
 * POWER_LIES=1 is a disk that says it has synced and has not: it proves that the test can tell.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

/* A copy that fails would make the test see losses that are none: it ends the process, loudly. */
static void give_up(const char *what, const char *path)
{
    fprintf(stderr, "unsynced: %s %s: %s: this is a bug\n", what, path, strerror(errno));
    abort();
}

/* Puts the whole of `bytes` under a name, at once: who looks finds the old file or the new one. */
static void keep(const char *name, int from, const char *text, size_t length)
{
    char path[PATH_MAX], partial[PATH_MAX];
    const char *synced = getenv("POWER_SYNCED");
    snprintf(path, sizeof path, "%s/%s", synced, name);
    snprintf(partial, sizeof partial, "%s/.partial", synced);
    int to = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (to < 0) give_up("open", partial);
    char block[65536];
    off_t at = 0;
    while (from >= 0) {
        ssize_t got = pread(from, block, sizeof block, at);
        if (got < 0) give_up("read", name);
        if (got == 0) break;
        if (write(to, block, got) != got) give_up("write", partial);
        at += got;
    }
    if (from < 0 && write(to, text, length) != (ssize_t)length) give_up("write", partial);
    close(to);
    if (rename(partial, path) != 0) give_up("rename", path);
}

/* A directory was synced: the names in it are the ones that stay. */
static void keep_names(const char *directory)
{
    DIR *open_directory = opendir(directory);
    if (open_directory == NULL) give_up("opendir", directory);
    char names[65536];
    size_t length = 0;
    for (struct dirent *entry; (entry = readdir(open_directory)) != NULL;) {
        size_t size = strlen(entry->d_name);
        if (entry->d_name[0] == '.') continue;
        if (length + size + 1 > sizeof names) give_up("names in", directory);
        memcpy(names + length, entry->d_name, size);
        length += size;
        names[length++] = '\n';
    }
    closedir(open_directory);
    keep(".names", -1, names, length);
}

/* What a sync of this file makes durable; nothing, where it isn't one of the store's. */
static void remember(int file)
{
    const char *data = getenv("POWER_DATA");
    if (data == NULL) return;
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) give_up("readlink", link);
    path[length] = 0;
    size_t prefix = strlen(data);
    if (strncmp(path, data, prefix) != 0) return;
    pthread_mutex_lock(&one_at_a_time);
    if (path[prefix] == 0) {
        keep_names(path);
    } else if (path[prefix] == '/' && strchr(path + prefix + 1, '/') == NULL) {
        /* Read through the descriptor itself: closing another one of the same file would drop SQLite's locks on it. */
        keep(path + prefix + 1, file, NULL, 0);
    }
    pthread_mutex_unlock(&one_at_a_time);
}

static int sync_with(const char *name, int file)
{
    if (getenv("POWER_LIES") != NULL) return 0;
    const char *slow = getenv("POWER_SLOW_US");
    if (slow != NULL) usleep((useconds_t)atoi(slow));
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    int result = real(file);
    if (result == 0) remember(file);
    return result;
}

int fsync(int file)
{
    return sync_with("fsync", file);
}

int fdatasync(int file)
{
    return sync_with("fdatasync", file);
}
