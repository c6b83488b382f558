/* SPDX-License-Identifier: BSD-2-Clause */
/* A program for arm64 Linux, without a C library: processes whose FP registers must stay what they
 * are while they are preempted, moved from CPU to CPU, fork, and print.
 *
 *     fpcheck WORKERS STOPFILE
 *
 * runs until the file exists, then says what it did, in one line, and ends with 1 if a register was
 * ever wrong. */
#include <stddef.h>
#include <stdint.h>

enum {
    SYS_FACCESSAT = 48,
    SYS_WRITE = 64,
    SYS_EXIT_GROUP = 94,
    SYS_NANOSLEEP = 101,
    SYS_SCHED_SETAFFINITY = 122,
    SYS_SCHED_YIELD = 124,
    SYS_GETCPU = 168,
    SYS_CLONE = 220,
    SYS_MMAP = 222,
    SYS_WAIT4 = 260,
};
enum { SIGCHLD = 17, AT_FDCWD = -100, EINTR = 4, STDOUT = 1 };
enum { PROT_READ_WRITE = 3, MAP_SHARED_ANONYMOUS = 0x21 };
enum { WORKERS = 64, CPUS = 8, TURNS = 100000, LOOK_NS = 20000000, PRINT_EVERY = 64 };

/* fpcheck_asm.S: fills all FP registers from the seed, spins, makes the system call unless its
 * number is 0, spins, and looks at the registers again. */
struct fp_result {
    uint64_t wrong; /* registers */
    int64_t value;  /* the call's */
};
struct fp_result fp_round(uint64_t seed, uint64_t turns, const uint64_t call[7]);
uint64_t fp_count(uint64_t turns);

/* What the workers did; each writes its own only. */
struct tally {
    uint64_t rounds, wrong, moves, forks, visited;
};
struct shared {
    volatile uint64_t stop;
    struct tally tally[WORKERS];
};

static int64_t system_call(uint64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                           uint64_t e, uint64_t f)
{
    register uint64_t x8 __asm__("x8") = number;
    register uint64_t x0 __asm__("x0") = a;
    register uint64_t x1 __asm__("x1") = b;
    register uint64_t x2 __asm__("x2") = c;
    register uint64_t x3 __asm__("x3") = d;
    register uint64_t x4 __asm__("x4") = e;
    register uint64_t x5 __asm__("x5") = f;

    __asm__ volatile("svc #0"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "memory");
    return (int64_t)x0;
}

static void leave(uint64_t status)
{
    for (;;)
        system_call(SYS_EXIT_GROUP, status, 0, 0, 0, 0, 0);
}

/* The exit status of the child; all ones if there is none. */
static uint64_t join(int64_t child)
{
    uint32_t status = 0;
    int64_t result;

    do
        result = system_call(SYS_WAIT4, (uint64_t)child, (uint64_t)&status, 0, 0, 0, 0);
    while (result == -EINTR);
    return result == child ? status : ~(uint64_t)0;
}

static uint32_t where(void)
{
    uint32_t cpu = 0;

    system_call(SYS_GETCPU, (uint64_t)&cpu, 0, 0, 0, 0, 0);
    return cpu;
}

/* Forks in the middle of a round: child and parent both look whether they have the registers. */
static void worker_fork(struct tally *tally, uint64_t seed)
{
    const uint64_t call[7] = {SYS_CLONE, SIGCHLD};
    struct fp_result result = fp_round(seed, TURNS, call);

    if (result.value == 0)
        leave(result.wrong);
    tally->wrong += result.wrong;
    if (result.value < 0)
        return; /* out of processes, or memory: no matter of registers */
    tally->forks++;
    if (join(result.value))
        tally->wrong++;
}

/* Moves itself to another CPU in the middle of a round, unless that one is off. */
static void worker_move(struct tally *tally, uint64_t seed)
{
    const uint32_t from = where(), to = (uint32_t)(seed >> 40) % CPUS;
    const uint64_t mask = (uint64_t)1 << to, all = ~(uint64_t)0;
    const uint64_t call[7] = {SYS_SCHED_SETAFFINITY, 0, sizeof(mask), (uint64_t)&mask};
    struct fp_result result = fp_round(seed, TURNS, call);

    tally->wrong += result.wrong;
    if (result.value >= 0 && where() == to) {
        tally->visited |= mask;
        tally->moves += from != to;
    }
    system_call(SYS_SCHED_SETAFFINITY, 0, sizeof(all), (uint64_t)&all, 0, 0, 0);
}

static void worker(struct shared *shared, uint64_t number)
{
    static const uint64_t none[7], yield[7] = {SYS_SCHED_YIELD};
    static const char line[] = "fpcheck: on\n";
    /* the UART is written with these registers in place: nobody saves them for that */
    const uint64_t print[7] = {SYS_WRITE, STDOUT, (uint64_t)line, sizeof(line) - 1};
    struct tally *tally = &shared->tally[number];
    uint64_t seed = number + 1;

    while (!shared->stop) {
        seed = seed * 6364136223846793005 + 1442695040888963407;
        if (tally->rounds % PRINT_EVERY == 0)
            tally->wrong += fp_round(seed, TURNS, print).wrong;
        switch (tally->rounds++ % 8) {
        case 1:
            tally->wrong += fp_round(seed, TURNS, yield).wrong;
            break;
        case 3:
            tally->wrong += fp_count(TURNS) != TURNS;
            break;
        case 5:
            worker_move(tally, seed);
            break;
        case 7:
            worker_fork(tally, seed);
            break;
        default:
            tally->wrong += fp_round(seed, TURNS, none).wrong;
            break;
        }
    }
    leave(0);
}

/* A line of output, as one write. */
struct line {
    char text[160];
    size_t length;
};

static void line_string(struct line *line, const char *string)
{
    while (*string && line->length < sizeof(line->text))
        line->text[line->length++] = *string++;
}

static void line_number(struct line *line, uint64_t number, const char *behind)
{
    char digits[21];
    size_t at = sizeof(digits) - 1;

    digits[at] = 0;
    do
        digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    line_string(line, &digits[at]);
    line_string(line, behind);
}

static uint64_t report(const struct shared *shared, uint64_t workers, uint64_t lost)
{
    struct tally sum = {.wrong = lost};
    struct line line = {.length = 0};

    for (uint64_t i = 0; i < workers; i++) {
        sum.rounds += shared->tally[i].rounds;
        sum.wrong += shared->tally[i].wrong;
        sum.moves += shared->tally[i].moves;
        sum.forks += shared->tally[i].forks;
        sum.visited |= shared->tally[i].visited;
    }
    line_string(&line, "fpcheck: ");
    line_number(&line, workers, " workers, ");
    line_number(&line, sum.rounds, " rounds, ");
    line_number(&line, sum.forks, " forks, ");
    line_number(&line, sum.moves, " moves, CPUs ");
    line_number(&line, sum.visited, ", ");
    line_number(&line, sum.wrong, " wrong\n");
    system_call(SYS_WRITE, STDOUT, (uint64_t)line.text, line.length, 0, 0, 0);
    return sum.wrong != 0;
}

uint64_t fpcheck_main(uint64_t argc, char **argv);
uint64_t fpcheck_main(uint64_t argc, char **argv)
{
    static const uint64_t pause[2] = {0, LOOK_NS};
    const size_t pages = (sizeof(struct shared) + 4095) & ~(size_t)4095;
    int64_t children[WORKERS];
    uint64_t workers = 0, lost = 0;
    struct shared *shared;

    if (argc != 3)
        return 2;
    for (const char *digit = argv[1]; *digit; digit++)
        workers = workers * 10 + (uint64_t)(*digit - '0');
    if (workers > WORKERS)
        return 2;
    shared = (struct shared *)system_call(SYS_MMAP, 0, pages, PROT_READ_WRITE, MAP_SHARED_ANONYMOUS,
                                          ~(uint64_t)0, 0);
    if ((int64_t)shared < 0 && (int64_t)shared > -4096)
        return 2;
    for (uint64_t i = 0; i < workers; i++) {
        children[i] = system_call(SYS_CLONE, SIGCHLD, 0, 0, 0, 0, 0);
        if (children[i] == 0)
            worker(shared, i);
    }
    while (system_call(SYS_FACCESSAT, (uint64_t)AT_FDCWD, (uint64_t)argv[2], 0, 0, 0, 0) < 0)
        system_call(SYS_NANOSLEEP, (uint64_t)pause, 0, 0, 0, 0, 0);
    shared->stop = 1;
    for (uint64_t i = 0; i < workers; i++)
        lost += join(children[i]) != 0;
    return report(shared, workers, lost);
}
