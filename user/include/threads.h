/* SPDX-License-Identifier: MIT */
/*
 * threads.h - threads of C11 (7.26), in place of picolibc's header, which has no implementation.
 *
 * They are those of <pthread.h>. Times are of TIME_UTC.
 */
#ifndef PUDU_THREADS_H
#define PUDU_THREADS_H

#include <time.h>

#include <pudu/posix_types.h>

#define thread_local _Thread_local
#define ONCE_FLAG_INIT                                                                             \
	{                                                                                          \
		0                                                                                  \
	}
#define TSS_DTOR_ITERATIONS 4

typedef struct pudu_pthread *thrd_t;
typedef struct pudu_pthread_mutex mtx_t;
typedef struct pudu_pthread_cond cnd_t;
typedef struct pudu_pthread_once once_flag;
typedef unsigned tss_t;
typedef int (*thrd_start_t)(void *);
typedef void (*tss_dtor_t)(void *);

enum {
	mtx_plain = 0,
	mtx_recursive = 1,
	mtx_timed = 2,
};

enum {
	thrd_success,
	thrd_nomem,
	thrd_timedout,
	thrd_busy,
	thrd_error,
};

int thrd_create(thrd_t *thread, thrd_start_t function, void *argument);
thrd_t thrd_current(void);
int thrd_equal(thrd_t one, thrd_t other);
_Noreturn void thrd_exit(int result);
int thrd_join(thrd_t thread, int *result);
int thrd_detach(thrd_t thread);
void thrd_yield(void);

/* Result: 0; -2 for a duration that is not valid. There is nothing that interrupts a sleep. */
int thrd_sleep(const struct timespec *duration, struct timespec *remaining);

int mtx_init(mtx_t *mutex, int type);
void mtx_destroy(mtx_t *mutex);
int mtx_lock(mtx_t *mutex);
int mtx_trylock(mtx_t *mutex);
int mtx_timedlock(mtx_t *__restrict mutex, const struct timespec *__restrict time);
int mtx_unlock(mtx_t *mutex);

int cnd_init(cnd_t *cond);
void cnd_destroy(cnd_t *cond);
int cnd_wait(cnd_t *cond, mtx_t *mutex);
int cnd_timedwait(cnd_t *__restrict cond, mtx_t *__restrict mutex,
		  const struct timespec *__restrict time);
int cnd_signal(cnd_t *cond);
int cnd_broadcast(cnd_t *cond);

int tss_create(tss_t *key, tss_dtor_t destructor);
void tss_delete(tss_t key);
int tss_set(tss_t key, void *value);
void *tss_get(tss_t key);

void call_once(once_flag *once, void (*function)(void));

#endif
