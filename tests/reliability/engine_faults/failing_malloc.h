/* A heap for an engine whose k-th allocation fails, and a search for the k with which a few lines
   of C crash the engine, leave memory behind, or go wrong. */
#ifndef FAILING_MALLOC_H
#define FAILING_MALLOC_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <quickjs.h>

static long asked, fails_at, outstanding;
static int is_armed, fails_after;

/* Blocks have their size in front. Those that are freed are overwritten and kept, so that who still
   uses them finds nothing of use. */
typedef struct {
  size_t size;
  size_t padding;
} Header;

static int refuses(void) {
  if (!is_armed) return 0;
  ++asked;
  return fails_after ? asked >= fails_at : asked == fails_at;
}
static void* take(size_t size) {
  Header* header;
  if (refuses() || (header = calloc(1, sizeof(Header) + size)) == NULL) return NULL;
  header->size = size;
  ++outstanding;
  return header + 1;
}
static size_t size_of(const void* block) { return block ? ((const Header*)block - 1)->size : 0; }
static void give_back(void* block) {
  if (block == NULL) return;
  --outstanding;
  memset(block, 0xdd, size_of(block));
}
static void* resize(void* block, size_t size) {
  if (block == NULL) return take(size);
  if (size == 0) {
    give_back(block);
    return NULL;
  }
  void* moved = take(size);
  if (moved == NULL) return NULL;
  memcpy(moved, block, size_of(block) < size ? size_of(block) : size);
  give_back(block);
  return moved;
}

#ifdef QUICKJS_NG
static void* heap_calloc(void* opaque, size_t count, size_t size) {
  (void)opaque;
  return take(count * size);
}
static void* heap_malloc(void* opaque, size_t size) {
  (void)opaque;
  return take(size);
}
static void heap_free(void* opaque, void* block) {
  (void)opaque;
  give_back(block);
}
static void* heap_realloc(void* opaque, void* block, size_t size) {
  (void)opaque;
  return resize(block, size);
}
static const JSMallocFunctions heap = {heap_calloc, heap_malloc, heap_free, heap_realloc, size_of};
#else
static void* heap_malloc(JSMallocState* state, size_t size) {
  (void)state;
  return take(size);
}
static void heap_free(JSMallocState* state, void* block) {
  (void)state;
  give_back(block);
}
static void* heap_realloc(JSMallocState* state, void* block, size_t size) {
  (void)state;
  return resize(block, size);
}
static const JSMallocFunctions heap = {heap_malloc, heap_free, heap_realloc, size_of};
#endif

/* To be called around what fails. */
static void arm(void) { is_armed = 1; }
static void disarm(void) { is_armed = 0; }

enum { went_well = 0, left_memory = 3, went_wrong = 4, made_fewer = 5 };

/* Runs the attempt in processes of their own, with one k after the other, alone and with all behind
   it, until one ends as expected: `crash`, or an exit with one of the codes above; or until there
   are fewer allocations than k. The program that returns this succeeds as long as the engine has
   its fault. */
enum { crash = -1 };
static int find_fault(int (*attempt)(void), int expected) {
  int has_more = 1;
  for (fails_at = 1; has_more; ++fails_at) {
    for (fails_after = 0; fails_after < 2; ++fails_after) {
      fflush(stdout);
      const pid_t process = fork();
      if (process == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL) _exit(1);
        alarm(20);
        const int outcome = attempt();
        if (outcome != went_well) _exit(outcome);
        _exit(asked < fails_at ? made_fewer : outstanding != 0 ? left_memory : went_well);
      }
      int status = 0;
      waitpid(process, &status, 0);
      /* sanitizers end a process with an exit */
      const int exited = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
      const int died = WIFSIGNALED(status) || exited == 1;
      has_more = exited != made_fewer;
      if (expected == crash ? died : exited == expected || (expected == left_memory && died)) {
        printf("still there: allocation %ld%s\n", fails_at, fails_after ? " and all after" : "");
        return 0;
      }
    }
  }
  printf("mended: take it out of allocation_failure/known_faults.cpp\n");
  return 1;
}

/* A runtime with a context, both on the failing heap. */
static JSRuntime* runtime;
static JSContext* context;
static void begin(void) {
  runtime = JS_NewRuntime2(&heap, NULL);
  context = JS_NewContext(runtime);
}
static void end(void) {
  JS_FreeValue(context, JS_GetException(context));
  JS_FreeContext(context);
  JS_FreeRuntime(runtime);
}
static JSValue evaluate(const char* source) {
  return JS_Eval(context, source, strlen(source), "fault.js", JS_EVAL_TYPE_GLOBAL);
}

#endif
